// The bytes are read once: what is shown and compared is what is stored. This program does not take
// them apart; slipway-check does, behind its fences.

#include "cli/key_input.hh"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "base/url.hh"
#include "verify/checker.hh"
#include "verify/key_places.hh"

namespace slipway::cli {
namespace {

constexpr std::size_t kMaxKeyFileBytes = 16 * MiB; // as slipway-check reads them
constexpr std::size_t kLongestName = 100;

Fd open_input(const std::string& operand) {
    if (operand.find("://") != std::string::npos) {
        throw Error(Kind::InvalidArgument,
                    "{} is a URL, and keys are never fetched: whoever can change an image can "
                    "change a key beside it. Download it yourself, and compare its fingerprint "
                    "with what the publisher says on a page of its own",
                    quoted(mask_urls(operand)));
    }
    const bool is_stdin = operand == "-";
    if (is_stdin && ::isatty(STDIN_FILENO) == 1) {
        throw Error(Kind::InvalidArgument,
                    "standard input is a terminal; expected a key, as in gpg --export KEY | "
                    "slipway keys add - NAME");
    }
    Fd fd(is_stdin ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                   : ::open(operand.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) {
        throw errno_error("cannot open {}", quoted(operand));
    }
    return fd;
}

// All that comes, from a pipe, too.
std::string read_to_end(int fd, const std::string& shown) {
    std::string content;
    for (;;) {
        const std::size_t had = content.size();
        content.resize(had + 64 * KiB);
        const ssize_t got = ::read(fd, content.data() + had, content.size() - had);
        if (got < 0 && errno != EINTR) {
            throw errno_error("cannot read {}", shown);
        }
        content.resize(had + static_cast<std::size_t>(std::max<ssize_t>(0, got)));
        if (got == 0) {
            return content;
        }
        if (content.size() > kMaxKeyFileBytes) {
            throw Error(Kind::Limit, "{} is larger than {}, more than any key file is", shown,
                        format_size(kMaxKeyFileBytes));
        }
    }
}

// The warnings speak of the anonymous file that slipway-check was given.
void rename_in(std::vector<std::string>& warnings, const std::string& from, const std::string& to) {
    for (std::string& warning : warnings) {
        const std::size_t at = warning.find(from);
        if (at != std::string::npos) {
            warning.replace(at, from.size(), to);
        }
    }
}

bool may_be_in_name(unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '+' || c == '@';
}

} // namespace

KeyInput read_key_input(const std::string& operand) {
    KeyInput input;
    input.shown = operand == "-" ? "standard input" : quoted(operand);
    input.content = read_to_end(open_input(operand).get(), input.shown);
    const Fd sealed = make_sealed_memfd(input.content);
    const std::string path = fmt::format("/proc/self/fd/{}", sealed.get());
    input.list = verify::SignatureChecker({path}).list_keys({});
    rename_in(input.list.warnings, quoted(path), input.shown);
    if (input.list.keys.empty()) {
        throw Error(Kind::InvalidArgument, "there is no key to add: {}; nothing was changed",
                    input.list.warnings.empty()
                        ? fmt::format("{} holds none", input.shown)
                        : fmt::format("{}", fmt::join(input.list.warnings, "; ")));
    }
    return input;
}

std::string key_file_name(const std::string& operand, const std::string& given) {
    if (given.empty() && operand == "-") {
        throw Error(Kind::InvalidArgument, "standard input has no name; expected slipway keys add "
                                           "- NAME");
    }
    std::filesystem::path name(given.empty() ? operand : given);
    name = given.empty() ? name.filename() : name;
    if (verify::is_key_file_name(name)) {
        name.replace_extension();
    }
    const std::string text = name.string();
    if (text.empty() || text.front() == '.' || text.size() > kLongestName ||
        !std::all_of(text.begin(), text.end(), may_be_in_name)) {
        throw Error(Kind::InvalidArgument,
                    "{} cannot be the name of a key file; expected letters, digits and any of "
                    "-_.+@, not a dot in front",
                    quoted(text));
    }
    return text;
}

} // namespace slipway::cli
