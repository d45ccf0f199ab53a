// What systemd-nspawn would refuse only when the machine is already being made is refused here.

#include "machine/setting_values.hh"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"

namespace slipway::machine {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

template <typename... Sets>
bool holds_only(std::string_view text, Sets... sets) {
    return std::all_of(text.begin(), text.end(), [&](char byte) {
        return ((std::string_view(sets).find(byte) != std::string_view::npos) || ...);
    });
}

// How much of a 32-bit range is a range at all.
constexpr std::uint64_t kUserNumbers = std::uint64_t{1} << 32U;

constexpr std::array<std::string_view, 32> kSignals{
    "HUP",  "INT",  "QUIT", "ILL",    "TRAP", "ABRT",  "BUS",  "FPE",    "KILL", "USR1", "SEGV",
    "USR2", "PIPE", "ALRM", "TERM",   "CHLD", "CONT",  "STOP", "STKFLT", "TSTP", "TTIN", "TTOU",
    "URG",  "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",   "PWR",    "SYS",  "POLL"};

bool is_signal(std::string_view name) {
    for (const std::string_view real_time : {"RTMIN", "RTMAX"}) {
        if (name.starts_with(real_time)) {
            name.remove_prefix(real_time.size());
            const char sign = real_time == "RTMIN" ? '+' : '-';
            return name.empty() || (name.size() >= 2 && name.size() <= 3 && name[0] == sign &&
                                    holds_only(name.substr(1), kDigits));
        }
    }
    return std::find(kSignals.begin(), kSignals.end(), name) != kSignals.end();
}

bool is_host_label(std::string_view label) noexcept {
    return !label.empty() && label.front() != '-' && label.back() != '-' &&
           holds_only(label, kLower, kUpper, kDigits, "-_");
}

bool is_variable(std::string_view name) {
    return !name.empty() && holds_only(name, kLower, kUpper, kDigits, "_") &&
           kDigits.find(name.front()) == kDigits.npos;
}

} // namespace

std::vector<std::string> parse_words(std::string_view value) {
    std::vector<std::string> words;
    bool in_word = false;
    char quote = '\0';
    for (const char byte : value) {
        if (quote == '\0' && kBlanks.find(byte) != kBlanks.npos) {
            in_word = false;
            continue;
        }
        if (!in_word) {
            words.emplace_back();
            in_word = true;
        }
        if (quote == '\0' && (byte == '\'' || byte == '"')) {
            quote = byte;
        } else if (byte == quote) {
            quote = '\0';
        } else {
            words.back() += byte;
        }
    }
    if (quote != '\0') {
        throw Error(Kind::InvalidArgument, "{} has a quote that does not end", quoted(value));
    }
    return words;
}

std::string parse_choice(std::string_view value, std::initializer_list<std::string_view> choices) {
    if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
        throw Error(Kind::InvalidArgument, "{}; expected one of {}", quoted(value),
                    fmt::join(choices, ", "));
    }
    return std::string(value);
}

std::string parse_absolute_path(std::string_view value) {
    const std::filesystem::path path(value);
    const bool turns = std::any_of(path.begin(), path.end(), [](const std::filesystem::path& part) {
        return part == "." || part == "..";
    });
    if (!path.is_absolute() || turns) {
        throw Error(Kind::InvalidArgument, "{}; expected an absolute path without '.' and '..'",
                    quoted(value));
    }
    return std::string(value);
}

bool is_host_name(std::string_view text) noexcept {
    constexpr std::size_t kLongest = 64; // HOST_NAME_MAX
    if (text.empty() || text.size() > kLongest) {
        return false;
    }
    for (std::size_t dot = 0; dot != text.npos;) {
        dot = text.find('.');
        if (!is_host_label(text.substr(0, dot))) {
            return false;
        }
        text.remove_prefix(dot == text.npos ? 0 : dot + 1);
    }
    return true;
}

std::string parse_host_name(std::string_view value) {
    if (!is_host_name(value)) {
        throw Error(Kind::InvalidArgument,
                    "{} is no host name; expected letters, digits, '-', '_' and '.', at most 64",
                    quoted(value));
    }
    return std::string(value);
}

std::pair<std::string, std::string> parse_assignment(std::string_view value) {
    // The engine would take a name alone for the variable of that name in its own environment.
    const std::size_t equals = value.find('=');
    if (equals == value.npos || !is_variable(value.substr(0, equals))) {
        throw Error(Kind::InvalidArgument, "{}; expected NAME=value", quoted(value));
    }
    return {std::string(value.substr(0, equals)), std::string(value.substr(equals + 1))};
}

std::vector<std::string> parse_capabilities(std::string_view value) {
    std::vector<std::string> names = parse_words(value);
    for (std::string& name : names) {
        if (name == "all") {
            continue;
        }
        std::transform(name.begin(), name.end(), name.begin(), [](char byte) {
            return byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte;
        });
        if (!name.starts_with("CAP_") || name.size() == 4 || !holds_only(name, kUpper, "_")) {
            throw Error(Kind::InvalidArgument,
                        "{} is no capability; expected one such as CAP_NET_ADMIN, or all",
                        quoted(name));
        }
    }
    return names;
}

std::string parse_signal_name(std::string_view value) {
    const std::string_view name = value.starts_with("SIG") ? value.substr(3) : value;
    if (!is_signal(name)) {
        throw Error(Kind::InvalidArgument, "{} is no signal; expected one such as SIGRTMIN+3",
                    quoted(value));
    }
    return "SIG" + std::string(name);
}

std::string parse_machine_id(std::string_view value) {
    std::string id(value);
    if (id.size() == 36 && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-') {
        std::erase(id, '-');
    }
    std::transform(id.begin(), id.end(), id.begin(), [](char byte) {
        return byte >= 'A' && byte <= 'F' ? static_cast<char>(byte - 'A' + 'a') : byte;
    });
    if (id.size() != 32 || !holds_only(id, kDigits, "abcdef") || holds_only(id, "0")) {
        throw Error(Kind::InvalidArgument,
                    "{} is no machine ID; expected 32 hexadecimal digits, not all 0",
                    quoted(value));
    }
    return id;
}

std::string parse_user(std::string_view value) {
    if (value.empty() || value.front() == '-' ||
        !holds_only(value, kLower, kUpper, kDigits, "_-.$")) {
        throw Error(Kind::InvalidArgument, "{} is no name of a user", quoted(value));
    }
    return std::string(value);
}

std::string parse_personality(std::string_view value) {
    if (value.empty() || !holds_only(value, kLower, kDigits, "-")) {
        throw Error(Kind::InvalidArgument, "{}; expected an architecture such as x86",
                    quoted(value));
    }
    return std::string(value);
}

std::string parse_limit(std::string_view value) {
    const std::size_t colon = value.find(':');
    const auto is_amount = [](std::string_view text) {
        return text == "infinity" || (!text.empty() &&
                                      (kDigits.find(text.front()) != kDigits.npos ||
                                       (text.size() > 1 && (text[0] == '+' || text[0] == '-'))) &&
                                      holds_only(text.substr(1), kDigits, kLower, kUpper, "."));
    };
    if (!is_amount(value.substr(0, colon)) ||
        (colon != value.npos && !is_amount(value.substr(colon + 1)))) {
        throw Error(Kind::InvalidArgument,
                    "{}; expected SOFT:HARD or one for both, in numbers or infinity",
                    quoted(value));
    }
    return std::string(value);
}

int parse_oom_score(std::string_view value) {
    constexpr int kMost = 1000;
    const int score = parse_count<int>(value);
    if (score < -kMost || score > kMost) {
        throw Error(Kind::InvalidArgument, "{}; expected a number from -{} to {}", score, kMost,
                    kMost);
    }
    return score;
}

std::string parse_cpu_list(std::string_view value) {
    if (value.find_first_of(kDigits) == value.npos || !holds_only(value, kDigits, "-, ")) {
        throw Error(Kind::InvalidArgument, "{}; expected processors such as 0-3,5", quoted(value));
    }
    return std::string(value);
}

std::string parse_system_calls(std::string_view value) {
    const std::vector<std::string> words =
        parse_words(value.substr(value.starts_with('~') ? 1 : 0));
    for (const std::string& word : words) {
        std::string_view name = word;
        name.remove_prefix(word.starts_with('@') ? 1 : 0);
        if (name.empty() || !holds_only(name, kLower, kDigits, "_-")) {
            throw Error(Kind::InvalidArgument,
                        "{} is no system call; expected names and groups such as @mount",
                        quoted(word));
        }
    }
    if (words.empty()) {
        throw Error(Kind::InvalidArgument, "{} names no system call", quoted(value));
    }
    return fmt::format("{}{}", value.starts_with('~') ? "~" : "", fmt::join(words, " "));
}

Volatile parse_volatile(std::string_view value) {
    if (value == "state") {
        return Volatile::State;
    }
    if (value == "overlay") {
        return Volatile::Overlay;
    }
    return parse_truth(value) ? Volatile::Yes : Volatile::No;
}

std::pair<PrivateUsers, UserRange> parse_private_users(std::string_view value) {
    if (value == "pick") {
        return {PrivateUsers::Pick, {}};
    }
    if (value == "identity") {
        return {PrivateUsers::Identity, {}};
    }
    // "0" and "1" are words for no and yes here as well.
    const bool is_number = !value.empty() && kDigits.find(value.front()) != kDigits.npos;
    if (!is_number || value.size() == 1) {
        return {parse_truth(value) ? PrivateUsers::Pick : PrivateUsers::No, {}};
    }
    const std::size_t colon = value.find(':');
    UserRange range;
    range.base = parse_count<std::uint32_t>(value.substr(0, colon));
    if (colon != value.npos) {
        range.count = parse_count<std::uint32_t>(value.substr(colon + 1));
    }
    if (range.count == 0 || std::uint64_t{range.base} + range.count > kUserNumbers - 1) {
        throw Error(Kind::InvalidArgument, "{} is no range of users", quoted(value));
    }
    return {PrivateUsers::Range, range};
}

Ownership parse_ownership(std::string_view value) {
    const std::string word = parse_choice(value, {"off", "chown", "map", "auto"});
    // What "auto" falls back to changes the stored image, which is never meant.
    return word == "off" ? Ownership::Off : word == "chown" ? Ownership::Chown : Ownership::Map;
}

} // namespace slipway::machine
