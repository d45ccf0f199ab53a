// The door of libarchive's writer. An image is small: it is made in memory, settled, then written.

#include "spawn/seed_disk.hh"

#include <algorithm>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/handle.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "spawn/settle_iso.hh"

namespace slipway::spawn {
namespace {

using ArchiveWriter = Handle<archive, archive_write_free>;
using ArchiveEntry = Handle<archive_entry, archive_entry_free>;

constexpr const char* kVolumeId = "cidata";

void check_name(std::string_view name) {
    constexpr std::size_t kLongest = 64;
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (name.empty() || name.size() > kLongest || name.front() == '.' ||
        name.find_first_not_of(kLetters) != name.npos) {
        throw Error(Kind::InvalidArgument,
                    "{} is no name for a file of a seed; expected lower-case letters, digits, '-', "
                    "'_' and '.', at most {}",
                    quoted(name), kLongest);
    }
}

void expect_ok(archive* writer, int result) {
    if (result != ARCHIVE_OK) {
        const char* why = archive_error_string(writer);
        throw Error(Kind::Other, "libarchive: {}", why != nullptr ? why : "no reason given");
    }
}

la_ssize_t append(archive* writer, void* image, const void* data, std::size_t size) noexcept {
    try {
        static_cast<std::string*>(image)->append(static_cast<const char*>(data), size);
        return static_cast<la_ssize_t>(size);
    } catch (const std::exception& error) {
        archive_set_error(writer, ENOMEM, "%s", error.what());
        return -1;
    }
}

void add_file(archive* writer, const std::string& name, const std::string& content) {
    const ArchiveEntry entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0444);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    expect_ok(writer, archive_write_header(writer, entry.get()));
    const la_ssize_t put = archive_write_data(writer, content.data(), content.size());
    if (put != static_cast<la_ssize_t>(content.size())) {
        expect_ok(writer, ARCHIVE_FATAL);
    }
}

std::string make_image(const std::map<std::string, std::string>& files) {
    std::string image;
    const ArchiveWriter writer(archive_write_new());
    archive* out = writer.get();
    expect_ok(out, archive_write_set_format_iso9660(out)); // Joliet and Rock Ridge come with it
    expect_ok(out, archive_write_set_format_option(out, "iso9660", "volume-id", kVolumeId));
    expect_ok(out, archive_write_set_bytes_in_last_block(out, 1));
    expect_ok(out, archive_write_open(out, &image, nullptr, append, nullptr));
    for (const auto& [name, content] : files) {
        add_file(out, name, content);
    }
    expect_ok(out, archive_write_close(out));
    settle_iso(image, kVolumeId);
    return image;
}

// A name that is not there yet: what a killed writer has left may be anything.
class Draft {
public:
    explicit Draft(std::filesystem::path path) : path_(std::move(path)) {
        ::unlink(path_.c_str());
        fd_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!fd_ || ::fchmod(fd_.get(), 0600) < 0) {
            throw errno_error("cannot make {}", quoted(path_.string()));
        }
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (!path_.empty()) {
            ::unlink(path_.c_str());
        }
    }

    void write(std::string_view content) {
        write_all(fd_.get(), content);
        if (::fsync(fd_.get()) < 0) {
            throw errno_error("cannot sync {}", quoted(path_.string()));
        }
        fd_.close();
    }
    void rename_to(const std::filesystem::path& file) && {
        if (::rename(path_.c_str(), file.c_str()) < 0) {
            throw errno_error("cannot rename {}", quoted(path_.string()));
        }
        path_.clear();
    }

private:
    std::filesystem::path path_;
    Fd fd_;
};

void sync_directory(const std::filesystem::path& directory) {
    const Fd fd(
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) < 0) {
        throw errno_error("cannot sync {}", quoted(directory.string()));
    }
}

} // namespace

void write_seed_disk(const std::filesystem::path& file,
                     const std::map<std::string, std::string>& files) {
    for (const auto& [name, content] : files) {
        check_name(name);
    }
    try {
        Draft draft(file.parent_path() / ("." + file.filename().string() + ".new"));
        draft.write(make_image(files));
        std::move(draft).rename_to(file);
        sync_directory(file.parent_path());
    } catch (Error& error) {
        error.add_context("writing the seed {}", quoted(file.string()));
        throw;
    }
}

} // namespace slipway::spawn
