// inih reads by lines through a function of ours, which is how the number of the line is known: its
// own handler is not told. What it would take silently (a line cut at its buffer's end, an indented
// line as more of the one before) is found or undone here, before it sees it.

#include "base/ini_text.hh"

#include <cstring>
#include <exception>

#include <fcntl.h>
#include <ini.h>
#include <sys/stat.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway {
namespace {

constexpr std::uint64_t kLargestFileBytes = MiB;

struct Reading {
    std::string_view rest;
    const std::function<void(const IniKey&)>& take;
    unsigned line = 0;          ///< that was handed out last
    std::string_view text;      ///< of it
    std::exception_ptr failure; ///< the first
};

// What every line must be; inih would cut or misread the others.
void check_line(std::string_view line, unsigned number) {
    if (line.find('\0') != line.npos) {
        throw Error(Kind::InvalidArgument, "line {}: a NUL byte; expected text", number);
    }
    if (line.size() > kLongestLineBytes) {
        throw Error(Kind::InvalidArgument,
                    "line {}: {} bytes; expected at most {}. A list can be given in several lines "
                    "of the same key",
                    number, line.size(), kLongestLineBytes);
    }
    if (to_utf8(line) != line) {
        throw Error(Kind::InvalidArgument, "line {}: {}; expected UTF-8", number, quoted(line));
    }
}

// fgets() over the text, without the blanks in front.
char* next_line(char* into, int capacity, void* stream) {
    auto& reading = *static_cast<Reading*>(stream);
    if (reading.rest.empty() || reading.failure) {
        return nullptr;
    }
    std::string_view line = reading.rest.substr(0, reading.rest.find('\n'));
    reading.rest.remove_prefix(std::min(line.size() + 1, reading.rest.size()));
    ++reading.line;
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    reading.text = line;
    try {
        check_line(line, reading.line);
    } catch (...) {
        reading.failure = std::current_exception();
        return nullptr;
    }
    const std::size_t size = std::min(line.size(), static_cast<std::size_t>(capacity) - 1);
    std::memcpy(into, line.data(), size);
    into[size] = '\0';
    return into;
}

// @returns 0 for "stop here" where the library was built so; it goes on elsewhere.
int take_key(void* user, const char* section, const char* name, const char* value) noexcept {
    auto& reading = *static_cast<Reading*>(user);
    if (reading.failure) {
        return 0;
    }
    try {
        if (*section == '\0') {
            throw Error(Kind::InvalidArgument,
                        "line {}: {} in front of every section; expected a [Section] first",
                        reading.line, quoted(name));
        }
        reading.take({section, name, value == nullptr ? "" : value, reading.line});
        return 1;
    } catch (...) {
        reading.failure = std::current_exception();
        return 0;
    }
}

} // namespace

void read_ini(std::string_view text, const std::function<void(const IniKey&)>& take) {
    Reading reading{.rest = text, .take = take, .line = 0, .text = {}, .failure = {}};
    const int wrong = ini_parse_stream(next_line, &reading, take_key, &reading);
    if (reading.failure && (wrong == 0 || static_cast<unsigned>(wrong) >= reading.line)) {
        std::rethrow_exception(reading.failure);
    }
    if (wrong != 0) {
        throw Error(Kind::InvalidArgument, "line {}: neither a [Section] nor Key=Value", wrong);
    }
}

std::optional<std::string> read_ini_file_if_exists(const std::filesystem::path& path) {
    // A pipe must not hold up the reader: it is opened, and refused.
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) {
        return std::nullopt;
    }
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) < 0) {
        throw errno_error("cannot open {}", quoted(path.native()));
    }
    if (S_ISCHR(info.st_mode)) {
        return std::string();
    }
    if (!S_ISREG(info.st_mode)) {
        throw Error(Kind::InvalidArgument, "{} is {}; expected a file", quoted(path.native()),
                    S_ISDIR(info.st_mode) ? "a directory" : "no regular file");
    }
    if (static_cast<std::uint64_t>(info.st_size) > kLargestFileBytes) {
        throw Error(Kind::InvalidArgument, "{} has {} bytes; expected at most {}",
                    quoted(path.native()), info.st_size, kLargestFileBytes);
    }
    return read_all(fd.get(), kLargestFileBytes);
}

} // namespace slipway
