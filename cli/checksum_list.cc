// Two exports into one directory wait for each other with flock(2) on it, for as long as a small
// file takes to be written.

#include "cli/checksum_list.hh"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "cli/export_output.hh"

namespace slipway::cli {
namespace {

constexpr std::uint64_t kMostBytes = 4 * MiB; // what a pull accepts of such a document
constexpr std::size_t kHexDigits = 64;

// coreutils escape what would end a line, and say so with a backslash in front of it.
std::string escaped_name(std::string_view name) {
    std::string text;
    for (const char byte : name) {
        text += byte == '\\'   ? "\\\\"
                : byte == '\n' ? "\\n"
                : byte == '\r' ? "\\r"
                               : std::string(1, byte);
    }
    return text;
}

std::string line_for(std::string_view name, std::string_view digest) {
    const std::string text = escaped_name(name);
    return fmt::format("{}{}  {}\n", text == name ? "" : "\\", digest, text);
}

bool is_hex(std::string_view text) {
    return text.size() == kHexDigits &&
           text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

// Whether a line, without its end, speaks of the file.
bool is_line_of(std::string_view line, std::string_view name) {
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    const bool is_escaped = line.starts_with('\\');
    const std::string wanted = is_escaped ? escaped_name(name) : std::string(name);
    line.remove_prefix(is_escaped ? 1 : 0);
    if (line.size() > kHexDigits + 2 && is_hex(line.substr(0, kHexDigits)) &&
        line[kHexDigits] == ' ' && (line[kHexDigits + 1] == ' ' || line[kHexDigits + 1] == '*')) {
        return line.substr(kHexDigits + 2) == wanted;
    }
    const std::string head = "SHA256 (" + wanted + ") = ";
    return line.starts_with(head) && is_hex(line.substr(head.size()));
}

} // namespace

std::string with_checksum(std::string_view list, std::string_view name, std::string_view digest) {
    const std::string own = line_for(name, digest);
    std::string text;
    bool is_there = false;
    while (!list.empty()) {
        const std::size_t end = list.find('\n');
        const std::string_view line = list.substr(0, end);
        if (!is_line_of(line, name)) {
            text += list.substr(0, end == list.npos ? end : end + 1);
        } else if (!is_there) { // a second one would contradict it
            text += own;
            is_there = true;
        }
        list.remove_prefix(end == list.npos ? list.size() : end + 1);
    }
    if (!is_there) {
        text += !text.empty() && text.back() != '\n' ? "\n" : "";
        text += own;
    }
    return text;
}

ChecksumList::ChecksumList(int directory)
    : directory_(directory), lock_(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (lock_ && ::flock(lock_.get(), LOCK_EX) < 0 && errno == EINTR) {
    }
    const Fd file(::openat(directory, kChecksumList,
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file && errno == ENOENT) {
        return;
    }
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) < 0) {
        throw errno_error("cannot read {}", kChecksumList);
    }
    if (!S_ISREG(info.st_mode)) {
        throw Error(Kind::Unsupported, "{} is no file; it was left alone", kChecksumList);
    }
    mode_ = info.st_mode & 0777;
    text_ = read_all(file.get(), kMostBytes);
}

void ChecksumList::put(const std::string& name, const std::string& digest) {
    text_ = with_checksum(text_, name, digest);
    replace_file(directory_, kChecksumList, text_, mode_);
}

} // namespace slipway::cli
