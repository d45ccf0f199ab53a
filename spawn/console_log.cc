// Halves are cut at bytes, not at lines: a terminal has none.

#include "spawn/console_log.hh"

#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::spawn {

ConsoleLog::ConsoleLog(std::filesystem::path file, std::uint64_t limit_bytes)
    : path_(std::move(file)), limit_bytes_(limit_bytes) {
    open();
}

void ConsoleLog::open() {
    // Not for everybody: people type passwords there.
    file_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat info {};
    if (!file_ || ::fstat(file_.get(), &info) < 0) {
        throw errno_error("cannot open {}", quoted(path_.string()));
    }
    size_bytes_ = static_cast<std::uint64_t>(info.st_size);
}

void ConsoleLog::halve() {
    const std::string text = read_all(file_.get(), 2 * limit_bytes_);
    const std::string newest = text.substr(text.size() - std::min(text.size(), limit_bytes_ / 2));
    const std::filesystem::path fresh = path_.string() + ".new";
    Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
        throw errno_error("cannot make {}", quoted(fresh.string()));
    }
    write_all(file.get(), newest);
    if (::rename(fresh.c_str(), path_.c_str()) < 0) {
        throw errno_error("cannot replace {}", quoted(path_.string()));
    }
    open();
}

std::string ConsoleLog::text() const noexcept {
    try {
        return read_all(file_.get(), 2 * limit_bytes_);
    } catch (const std::exception& error) {
        debug("what the console has said is not read: {}", error.what());
        return "";
    }
}

void ConsoleLog::write(Bytes data) noexcept {
    try {
        data = data.last(std::min<std::size_t>(data.size(), limit_bytes_ / 2));
        if (size_bytes_ + data.size() > limit_bytes_) {
            halve();
        }
        write_all(file_.get(), as_text(data));
        size_bytes_ += data.size();
    } catch (const std::exception& error) {
        debug("a part of the console is lost: {}", error.what());
    }
}

} // namespace slipway::spawn
