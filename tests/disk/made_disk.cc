// sfdisk is told not to look for a device, since it is a file; what is changed afterwards is
// changed by bytes.

#include "tests/disk/made_disk.hh"

#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "disk/crc32.hh"
#include "tests/support/disk_file.hh"

namespace slipway::tests {
namespace {

std::uint64_t number(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
        value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
}

} // namespace

MadeDisk::MadeDisk(std::uint64_t size_bytes, const std::string& script)
    : path_(directory_ / "disk"), file_(make_file(path_)) {
    resize(size_bytes);
    if (!script.empty()) {
        RunOptions options;
        options.input = script;
        run_ok({"sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", path_.string()}, options);
    }
}

void MadeDisk::write(std::uint64_t offset, std::string_view bytes) const {
    if (::pwrite(fd(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) !=
        static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("cannot write the disk");
    }
}

std::string MadeDisk::read(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    if (::pread(fd(), bytes.data(), length, static_cast<off_t>(offset)) !=
        static_cast<ssize_t>(length)) {
        throw std::runtime_error("cannot read the disk");
    }
    return bytes;
}

void MadeDisk::resize(std::uint64_t size_bytes) const {
    std::filesystem::resize_file(path_, size_bytes);
}

void MadeDisk::mend_gpt(std::uint64_t header_at) const {
    std::string header = read(header_at, 92);
    const auto field = [&header](std::size_t at, std::size_t length) {
        return number(std::string_view(header).substr(at, length));
    };
    const std::uint64_t length = field(80, 4) * field(84, 4);
    if (length <= MiB) {
        const std::string entries = read(field(72, 8) * 512, length);
        header.replace(88, 4, little_endian(disk::crc32(as_bytes(entries)), 4));
    }
    header.replace(16, 4, 4, '\0');
    header.replace(16, 4, little_endian(disk::crc32(as_bytes(header)), 4));
    write(header_at, header);
}

std::string little_endian(std::uint64_t value, std::size_t length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i) {
        bytes += static_cast<char>(value >> (8 * i));
    }
    return bytes;
}

} // namespace slipway::tests
