// Each is made, and never opened: nobody else can have put it there.

#include "spawn/plan_files.hh"

#include <cerrno>
#include <stop_token>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "volume/copy_file.hh"

namespace slipway::spawn {
namespace {

// For root alone, whoever reads the folders above it.
void make_directory(const std::filesystem::path& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), 0700) < 0 && errno != EEXIST) {
        throw errno_error("cannot make the directory {}", quoted(directory.string()));
    }
}

// Whole or not at all.
void make_copy(const std::filesystem::path& path, const std::filesystem::path& old) {
    const Fd from(::open(old.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from) {
        throw errno_error("cannot read {}", quoted(old.string()));
    }
    const std::string unfinished = path.string() + ".new";
    Fd to(::open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!to) {
        throw errno_error("cannot write {}", quoted(unfinished));
    }
    volume::copy_file(from.get(), to.get(), {});
    if (::fchmod(to.get(), 0600) < 0 || ::fsync(to.get()) < 0 ||
        ::rename(unfinished.c_str(), path.c_str()) < 0) {
        throw errno_error("cannot write {}", quoted(path.string()));
    }
}

} // namespace

void write_plan_files(const machine::LaunchPlan& plan) {
    for (const auto& [path, content] : plan.files) {
        std::error_code error;
        std::filesystem::create_directories(path.parent_path(), error);
        Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file) {
            throw errno_error("cannot write {}", quoted(path.string()));
        }
        write_all(file.get(), content);
        file.close();
    }
}

void make_kept_copies(const machine::LaunchPlan& plan) {
    for (const auto& [path, old] : plan.kept_copies) {
        make_directory(path.parent_path());
        if (::access(path.c_str(), F_OK) < 0) {
            make_copy(path, old);
        }
    }
}

} // namespace slipway::spawn
