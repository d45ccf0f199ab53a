// Disks of sfdisk, mke2fs and qemu-img.

#include "tests/e2e/disk_image.hh"

#include <random>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {
namespace {

constexpr std::uint64_t kPieceBytes = 64 * KiB;

Fd make_file(const std::filesystem::path& path, std::uint64_t size_bytes) {
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(size_bytes)) < 0) {
        throw errno_error("cannot make {}", path.string());
    }
    return file;
}

} // namespace

void make_partitioned_disk(const std::filesystem::path& file, const std::filesystem::path& tree,
                           unsigned size_mib) {
    make_file(file, size_mib * MiB);
    RunOptions table;
    table.input = "label: gpt\nstart=1MiB, size=" + std::to_string(size_mib - 2) + "MiB, type=L\n";
    run_ok({"sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", file.string()}, table);
    run_ok({"mke2fs", "-q", "-F", "-t", "ext4", "-E", "offset=1048576,nodiscard", "-d",
            tree.string(), file.string(), std::to_string(size_mib - 2) + "M"});
}

std::string fsck_partition(const std::filesystem::path& disk) {
    const RunResult result = run({"e2fsck", "-n", "-f", disk.string() + "?offset=1048576"});
    return result.status == 0 ? "" : result.out + result.err;
}

void make_sparse_disk(const std::filesystem::path& file, std::uint64_t size_bytes,
                      std::uint64_t data_bytes) {
    const Fd disk = make_file(file, size_bytes);
    std::mt19937_64 random(size_bytes);
    const std::uint64_t pieces = data_bytes / kPieceBytes;
    for (std::uint64_t i = 0; i < pieces; ++i) {
        std::string piece(kPieceBytes, '\0');
        for (char& byte : piece) {
            byte = static_cast<char>(random());
        }
        const std::uint64_t at = size_bytes / pieces * i / kPieceBytes * kPieceBytes;
        const auto length = static_cast<ssize_t>(std::min(kPieceBytes, size_bytes - at));
        if (::pwrite(disk.get(), piece.data(), static_cast<std::size_t>(length),
                     static_cast<off_t>(at)) != length) {
            throw errno_error("cannot write {}", file.string());
        }
    }
}

void make_qcow2(const std::filesystem::path& from, const std::filesystem::path& to,
                const std::vector<std::string>& options) {
    std::vector<std::string> command{"qemu-img", "convert", "-f", "raw", "-O", "qcow2"};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(from.string());
    command.push_back(to.string());
    run_ok(command);
}

std::string byte_difference(const std::filesystem::path& one, const std::filesystem::path& other) {
    const RunResult result = run({"cmp", one.string(), other.string()});
    return result.status == 0 ? "" : result.out + result.err;
}

} // namespace slipway::tests
