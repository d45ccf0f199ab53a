// The right to be a machine is the lock; whoever has it may clean up what the last one left.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "spawn/machine_record.hh"
#include "spawn/registry.hh"
#include "spawn/undo.hh"
#include "storage/lock.hh"

namespace slipway::spawn {
namespace {

namespace fs = std::filesystem;
using storage::LockFile;
using storage::LockMode;

std::string lock_name(const std::string& name) {
    return ".#" + name + ".lck";
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

void Claim::write(const MachineRecord& record) const {
    const fs::path fresh = directory_ / ".state.json.new";
    write_file(fresh, record_to_json(record));
    if (::rename(fresh.c_str(), (directory_ / kRecordFile).c_str()) < 0) {
        throw errno_error("cannot write {}", quoted((directory_ / kRecordFile).string()));
    }
}

void Claim::close() && {
    remove_machine_directory(directory_);
}

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
