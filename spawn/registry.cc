// Alive is who holds the lock. The supervisor's number and start time are there for whoever looks
// without taking it, and for signals.

#include "spawn/registry.hh"

#include <algorithm>
#include <cctype>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "spawn/machine_record.hh"
#include "spawn/undo.hh"
#include "storage/lock.hh"

namespace slipway::spawn {
namespace {

namespace fs = std::filesystem;
using storage::LockFile;
using storage::LockMode;

constexpr std::uint64_t kMaxRecordBytes = 1 << 20;
constexpr const char* kRecord = "state.json";

std::string lock_name(const std::string& name) {
    return ".#" + name + ".lck";
}

std::optional<std::string> read_file(const fs::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        throw errno_error("cannot read {}", quoted(path.string()));
    }
    return read_all(file.get(), kMaxRecordBytes);
}

void write_file(const fs::path& path, const std::string& text) {
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) {
        throw errno_error("cannot write {}", quoted(path.string()));
    }
    write_all(file.get(), text);
    file.close();
}

void remove_machine_directory(const fs::path& directory) {
    std::error_code error;
    fs::remove_all(directory, error);
    if (error) {
        throw Error(kind_of_errno(error.value()), "cannot remove {}: {}",
                    quoted(directory.string()), error.message());
    }
}

// Locks of the dead are free; their files only look like somebody's.
void tidy_image_locks(const fs::path& image) {
    if (const auto pool = storage::Pool::find(image.parent_path())) {
        storage::tidy_locks(*pool, image.filename().string());
    }
}

} // namespace

bool is_machine_name(std::string_view text) noexcept {
    constexpr std::size_t kMaxBytes = 64;
    const auto fits = [](unsigned char byte) {
        return std::isalnum(byte) != 0 || byte == '-' || byte == '.';
    };
    return !text.empty() && text.size() <= kMaxBytes && text.front() != '.' &&
           text.front() != '-' && std::all_of(text.begin(), text.end(), fits);
}

void Claim::write(const MachineRecord& record) const {
    const fs::path fresh = directory_ / ".state.json.new";
    write_file(fresh, record_to_json(record));
    if (::rename(fresh.c_str(), (directory_ / kRecord).c_str()) < 0) {
        throw errno_error("cannot write {}", quoted((directory_ / kRecord).string()));
    }
}

void Claim::close() && {
    remove_machine_directory(directory_);
}

Registry::Registry(fs::path directory) : directory_(std::move(directory)) {}

Fd Registry::open_directory() const {
    return Fd(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Fd Registry::make_directory() const {
    std::error_code error;
    fs::create_directories(directory_, error);
    Fd fd = open_directory();
    if (!fd) {
        throw errno_error("cannot open {}", quoted(directory_.string()));
    }
    return fd;
}

std::vector<std::string> Registry::names() const {
    std::vector<std::string> all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_, error)) {
        if (is_machine_name(entry.path().filename().string())) {
            all.push_back(entry.path().filename().string());
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

// One that cannot be read tells of no machine; it goes when its lock is free.
std::optional<MachineRecord> Registry::read(const std::string& name) const {
    try {
        const std::optional<std::string> text = read_file(directory_of(name) / kRecord);
        return text ? std::optional(record_from_json(*text)) : std::nullopt;
    } catch (const Error& error) {
        debug("the state of machine {}: {}", quoted(name), error.what());
        return std::nullopt;
    }
}

std::optional<MachineRecord> Registry::find(const std::string& name) const {
    std::optional<MachineRecord> record = is_machine_name(name) ? read(name) : std::nullopt;
    return record && is_alive(record->supervisor) ? record : std::nullopt;
}

std::vector<MachineRecord> Registry::list() const {
    std::vector<MachineRecord> all;
    for (const std::string& name : names()) {
        if (std::optional<MachineRecord> record = find(name)) {
            all.push_back(std::move(*record));
        }
    }
    return all;
}

Claim Registry::claim(const std::string& name) const {
    if (!is_machine_name(name)) {
        throw Error(Kind::InvalidArgument,
                    "{} is no name for a machine; expected letters, digits, '-' and '.', no more "
                    "than 64, as in a host name. --machine= gives it another name than the image's",
                    quoted(name));
    }
    const Fd directory = make_directory();
    std::optional<LockFile> lock =
        LockFile::take(directory.get(), lock_name(name), LockMode::Exclusive);
    if (!lock) {
        throw Error(Kind::Busy, "machine {} runs already, or is being started or cleaned up",
                    quoted(name));
    }
    const std::vector<std::string> failures = clean_up(name);
    if (!failures.empty()) {
        throw Error(Kind::Other, "machine {} was left by a dead supervisor, and does not go: {}",
                    quoted(name), failures.front());
    }
    const fs::path own = directory_of(name);
    if (::mkdir(own.c_str(), 0755) < 0) {
        throw errno_error("cannot make {}", quoted(own.string()));
    }
    return {own, std::move(*lock)};
}

// With the lock in hand.
std::vector<std::string> Registry::clean_up(const std::string& name) const {
    std::vector<std::string> failures;
    if (const std::optional<MachineRecord> record = read(name)) {
        for (const NotUndone& left : undo(record->undo)) {
            failures.push_back(left.reason);
        }
        tidy_image_locks(record->root);
    }
    if (failures.empty()) {
        remove_machine_directory(directory_of(name));
    }
    return failures;
}

std::vector<CleanedUp> Registry::clean_up_dead() const {
    std::vector<CleanedUp> cleaned;
    const Fd directory = open_directory();
    for (const std::string& name : names()) {
        const std::optional<LockFile> lock =
            find(name) ? std::nullopt
                       : LockFile::take(directory.get(), lock_name(name), LockMode::Exclusive);
        // The directory may have gone, with its supervisor, before the lock was ours.
        if (lock && fs::exists(directory_of(name))) {
            cleaned.push_back({name, clean_up(name)});
        }
    }
    return cleaned;
}

} // namespace slipway::spawn
