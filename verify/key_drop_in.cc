// Whatever is wrong, the lines that reserve a place are still read: a mistyped word must not open a
// place to other keys.

#include "verify/key_drop_in.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/ini_text.hh"
#include "base/nearest.hh"
#include "base/quoted.hh"
#include "verify/key_places.hh"
#include "verify/url_prefix.hh"

namespace slipway::verify {
namespace {

constexpr std::size_t kOpenPgpDigits = 40;
constexpr std::size_t kNewerOpenPgpDigits = 64; // versions 5 and 6
constexpr std::size_t kKeyNumberDigits = 16;

void add_once(std::vector<std::string>& list, std::string value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) {
        list.push_back(std::move(value));
    }
}

void set_file(KeyBinding& binding, std::string_view value) {
    if (value.find('/') != std::string_view::npos || !is_key_file_name(value)) {
        throw Error(Kind::InvalidArgument,
                    "{} is not the name of a key file; expected one in the same directory, with "
                    "{} at its end",
                    quoted(value), fmt::join(kKeySuffixes, ", "));
    }
    binding.file = binding.conf.parent_path() / value;
}

bool is_second(std::string_view value, std::string_view first, std::string_view second) {
    if (value != first && value != second) {
        throw Error(Kind::InvalidArgument, "{}; expected {} or {}", quoted(value), first, second);
    }
    return value == second;
}

struct Setting {
    std::string_view name;
    void (*apply)(KeyBinding&, std::string_view value);
};

constexpr std::array kSettings{
    Setting{"File", set_file},
    Setting{"Fingerprint",
            [](KeyBinding& binding, std::string_view value) {
                add_once(binding.fingerprints, parse_fingerprint(value));
            }},
    Setting{"Match",
            [](KeyBinding& binding, std::string_view value) {
                add_once(binding.prefixes, parse_url_prefix(value));
            }},
    Setting{"Expired",
            [](KeyBinding& binding, std::string_view value) {
                binding.accept_expired = is_second(value, "refuse", "accept-if-signed-before");
            }},
    Setting{"Stale",
            [](KeyBinding& binding, std::string_view value) {
                binding.refuse_stale = is_second(value, "warn", "refuse");
            }},
};

[[noreturn]] void refuse_name(const IniKey& key) {
    std::vector<std::string> known;
    for (const Setting& setting : kSettings) {
        known.emplace_back(setting.name);
    }
    const auto near = nearest(key.name, known);
    throw Error(Kind::InvalidArgument, "there is no key {}; {}", quoted(key.name),
                near ? fmt::format("was {} meant?", *near)
                     : fmt::format("expected one of {}", fmt::join(known, ", ")));
}

void apply(KeyBinding& binding, const IniKey& key) {
    if (key.section != "Key") {
        throw Error(Kind::InvalidArgument, "there is no section {}; expected [Key]",
                    quoted(key.section));
    }
    const auto* setting =
        std::find_if(kSettings.begin(), kSettings.end(),
                     [&key](const Setting& candidate) { return candidate.name == key.name; });
    if (setting == kSettings.end()) {
        refuse_name(key);
    }
    try {
        setting->apply(binding, key.value);
    } catch (Error& error) {
        error.add_context("{}", setting->name);
        throw;
    }
}

void add_problem(KeyBinding& binding, std::string_view problem) {
    if (binding.problem.empty()) {
        binding.problem = fmt::format("{}:{}", escaped(binding.conf.native()), problem);
    }
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r";
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// For a text that could not be read to its end, or has a wrong section: all that looks like a place
// reserves it.
void take_places(KeyBinding& binding, std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t equals = std::min(line.find('='), line.size());
        if (equals == line.size() || trimmed(line.substr(0, equals)) != "Match") {
            continue;
        }
        try {
            add_once(binding.prefixes, parse_url_prefix(trimmed(line.substr(equals + 1))));
        } catch (const Error&) { // no place; the first problem is told already
            continue;
        }
    }
}

void read_settings(KeyBinding& binding, std::string_view text) {
    const auto take = [&binding](const IniKey& key) {
        try {
            apply(binding, key);
        } catch (const Error& error) {
            add_problem(binding, fmt::format("{}: {}", key.line, error.what()));
        }
    };
    try {
        read_ini(text, take);
    } catch (const Error& error) {
        constexpr std::string_view kLine = "line ";
        std::string_view what = error.what();
        what.remove_prefix(what.starts_with(kLine) ? kLine.size() : 0);
        add_problem(binding, what);
    }
}

} // namespace

KeyBinding parse_drop_in(const std::filesystem::path& conf, std::string_view text) {
    KeyBinding binding;
    binding.name = conf.stem().string();
    binding.conf = conf;
    binding.file = conf.parent_path() / (binding.name + ".asc");
    read_settings(binding, text);
    if (!binding.problem.empty()) {
        take_places(binding, text);
    }
    if (binding.fingerprints.empty()) {
        add_problem(binding, " no Fingerprint=; expected that of each key of the file that counts");
    }
    if (binding.prefixes.empty()) {
        add_problem(binding, " no Match=; expected the URLs below which the key counts");
    }
    return binding;
}

std::string parse_fingerprint(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c != ' ' && c != '\t') {
            digits += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        }
    }
    const bool hex = digits.find_first_not_of("0123456789ABCDEF") == std::string::npos;
    if (hex && digits.size() == kNewerOpenPgpDigits) {
        throw Error(Kind::InvalidArgument,
                    "{} is the fingerprint of an OpenPGP key of version 5 or 6, which is not "
                    "supported",
                    quoted(text));
    }
    if (!hex || (digits.size() != kOpenPgpDigits && digits.size() != kKeyNumberDigits)) {
        throw Error(Kind::InvalidArgument,
                    "{} is no fingerprint; expected {} hexadecimal digits, or {} of a minisign key",
                    quoted(text), kOpenPgpDigits, kKeyNumberDigits);
    }
    return digits;
}

bool is_key_number(std::string_view fingerprint) noexcept {
    return fingerprint.size() == kKeyNumberDigits;
}

} // namespace slipway::verify
