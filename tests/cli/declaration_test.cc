// The tables, and that what is made from them says what they say.

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/error.hh"
#include "cli/completion.hh"
#include "cli/help.hh"
#include "cli/manual.hh"
#include "cli/option_table.hh"
#include "cli/parse.hh"
#include "tests/catch.hh"

using namespace slipway;
using cli::OptionSpec;
using cli::VerbSpec;
using Words = std::vector<std::string>;

namespace {

// What the settings of machines take, by the word for it.
const std::map<std::string_view, std::string_view> kSamples{
    {"USER", "www"},
    {"NAME=VALUE", "A=b"},
    {"DIR[:OLD]", "/new:/old"},
    {"CAP,...", "CAP_KILL,CAP_MKNOD"},
    {"USERS", "no"},
    {"LIST", "~@mount"},
    {"NAME=SOFT[:HARD]", "NOFILE=1:2"},
    {"CPUS", "0"},
    {"SIGNAL", "SIGUSR1"},
    {"ARCH", "x86"},
    {"ID", "0123456789abcdef0123456789abcdef"},
    {"ID:VALUE", "a:b"},
    {"PATH", "/srv"},
    {"PATH[:OPTS]", "/srv"},
    {"PATH[:DEST[:OPTS]]", "/srv:/mnt"},
    {"LOWER:UPPER:DEST", "/a:/b:/c"},
    {"BRIDGE", "br0"},
    {"HOST[:NAME]", "eth0"},
    {"[tcp:|udp:]HOST[:PORT]", "80"},
    {"PACKAGE", "cloud-init"},
    {"KEY|FILE",
     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPG5wOhziuAJkpPACLhwJsPcISzsuV6dpTtCg+iFEcQF"},
};

// A command line of the verb with as many operands as it needs.
Words line_of(const VerbSpec& verb) {
    Words words;
    std::istringstream name{std::string(verb.name)};
    for (std::string word; name >> word;) {
        words.push_back(word);
    }
    words.resize(words.size() + verb.min_operands, "operand");
    return words;
}

std::string sample_value(const OptionSpec& option) {
    if (!option.words.empty()) {
        return std::string(option.words.substr(0, option.words.find(' ')));
    }
    if (option.value == "URL") {
        return "https://host/";
    }
    if (option.value == "FPR") {
        return std::string(40, 'A');
    }
    if (const auto known = kSamples.find(option.value); known != kSamples.end()) {
        return std::string(known->second);
    }
    return option.fallback.empty() ? "1" : std::string(option.fallback);
}

// All ways to type it.
Words typed(const OptionSpec& option) {
    Words forms;
    const bool needs_value = !option.value.empty() && !option.value_optional;
    if (!option.name.empty()) {
        const std::string name = fmt::format("--{}", option.name);
        forms.push_back(needs_value ? name + "=" + sample_value(option) : name);
        if (option.value_optional) {
            forms.push_back(name + "=" + sample_value(option));
        }
    }
    if (option.letter != '\0') {
        forms.push_back(
            fmt::format("-{}{}", option.letter, needs_value ? sample_value(option) : ""));
    }
    return forms;
}

bool parser_takes(Words words, const std::string& form) {
    words.insert(words.begin(), form); // behind the operands of some verbs there is a command
    try {
        cli::parse(words);
    } catch (const Error&) {
        return false;
    }
    return true;
}

// Every "--name" in a text.
std::set<std::string> long_names(const std::string& text) {
    static const std::regex kName("--([a-z][a-z0-9-]*)");
    std::set<std::string> names;
    for (std::sregex_iterator match(text.begin(), text.end(), kName), end; match != end; ++match) {
        names.insert((*match)[1]);
    }
    return names;
}

std::set<std::string> declared_names(std::optional<cli::Verb> verb = {}) {
    std::set<std::string> names;
    for (const OptionSpec& option : cli::option_table()) {
        if (!option.name.empty() && (!verb || contains(option.verbs, *verb))) {
            names.insert(std::string(option.name));
        }
    }
    return names;
}

// The manual without roff's escapes of dashes and fonts.
std::string plain_manual() {
    static const std::regex kFonts("\\\\f[BIR]");
    static const std::regex kDashes("\\\\-");
    return std::regex_replace(std::regex_replace(cli::manual("1"), kFonts, ""), kDashes, "-");
}

// Given as the default it counts, too: against the daemon's configuration.
std::string kept_as(const cli::Options& options) {
    return options.keep_download.value_or(false) ? "kept" : "not kept";
}

std::string machine_of(const cli::Options& options) {
    return fmt::format("{} {} {} {} {} {} {} {}", options.machine.in_place, options.machine.signal,
                       options.machine.kill_leader, options.machine.name,
                       options.machine.engine.has_value(), options.machine.make_target,
                       options.machine.follow,
                       machine::settings_of(options.machine.said) == machine::Settings()) +
           fmt::format(" {} {} {} {} {} {} {}", options.machine.hardware.memory_bytes,
                       options.machine.hardware.cpus, options.machine.hardware.firmware.has_value(),
                       options.machine.hardware.accelerator.has_value(), options.machine.first_boot,
                       options.machine.ssh_keys.size(), options.machine.packages.size());
}

// What a job, a list and the rest would be like.
std::string effect(const cli::Options& options) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}",
                       transfer::to_json(options.job), options.keys.match.size(),
                       options.keys.fingerprints.size(), options.yes, options.keys.root.string(),
                       options.quiet, options.legend, options.all, static_cast<int>(options.json),
                       options.pool.string(), options.verify.value_or("signature"), options.debug,
                       options.direct, options.wait, options.lines,
                       storage::word(options.image_class), options.exact, options.properties.size(),
                       options.value_only, options.checksum, options.sign.has_value(),
                       kept_as(options), machine_of(options));
}

} // namespace

TEST_CASE("every verb stands in the table at its own place", "[cli][declaration]") {
    for (const VerbSpec& verb : cli::verb_table()) {
        CHECK(&cli::spec_of(verb.verb) == &verb);
        CHECK(cli::find_verb(verb.name) == &verb);
        CHECK_FALSE(verb.summary.ends_with('.'));
    }
}

TEST_CASE("no two options have one name, and each says what it is", "[cli][declaration]") {
    for (const OptionSpec& option : cli::option_table()) {
        INFO(cli::synopsis(option));
        CHECK((!option.name.empty() || option.letter != '\0'));
        CHECK_FALSE(option.help.empty());
        CHECK_FALSE(option.help.ends_with('.'));
        CHECK(option.apply != nullptr);
        CHECK((option.fallback.empty() || !option.value.empty()));
        for (const VerbSpec& verb : cli::verb_table()) {
            const bool mine = contains(option.verbs, verb.verb);
            CHECK(
                (!mine || option.name.empty() || cli::find_option(option.name, &verb) == &option));
            CHECK((!mine || option.letter == '\0' ||
                   cli::find_option(option.letter, &verb) == &option));
        }
    }
}

// Which words are values is known before the verb is.
TEST_CASE("options of one name or letter all take a value, or none does", "[cli][declaration]") {
    const auto takes_value = [](const OptionSpec& option) {
        return !option.value.empty() && !option.value_optional;
    };
    for (const OptionSpec& one : cli::option_table()) {
        for (const OptionSpec& other : cli::option_table()) {
            const bool is_shared = (!one.name.empty() && one.name == other.name) ||
                                   (one.letter != '\0' && one.letter == other.letter);
            INFO(cli::synopsis(one) << " " << cli::synopsis(other));
            CHECK((!is_shared || takes_value(one) == takes_value(other)));
        }
    }
}

TEST_CASE("every setting of a machine has its flag, and no flag is without a setting",
          "[cli][declaration]") {
    const std::set<std::string> ours{"network", "set-credential"};
    std::set<std::string> expected = ours;
    for (const machine::SettingSpec& setting : machine::setting_table()) {
        expected.insert(
            std::string(setting.flag.substr(std::min<std::size_t>(2, setting.flag.size()))));
    }
    expected.erase(""); // Parameters= is the command itself
    std::set<std::string> declared;
    for (const OptionSpec& option : cli::option_table()) {
        if (option.group == "Settings of a machine" && !option.name.empty()) {
            declared.insert(std::string(option.name));
        }
    }
    CHECK(declared == expected);
}

namespace {

bool is_declared(const VerbSpec& verb, const OptionSpec& option, const std::string& form) {
    const OptionSpec* found = form.starts_with("--") ? cli::find_option(option.name, &verb)
                                                     : cli::find_option(option.letter, &verb);
    return contains(found->verbs, verb.verb);
}

} // namespace

TEST_CASE("the parser takes an option with the verbs that its row names, and no others",
          "[cli][declaration]") {
    for (const VerbSpec& verb : cli::verb_table()) {
        for (const OptionSpec& option : cli::option_table()) {
            for (const std::string& form : typed(option)) {
                INFO(verb.name << " " << form);
                CHECK(parser_takes(line_of(verb), form) == is_declared(verb, option, form));
            }
        }
    }
}

TEST_CASE("a default in the table is what holds without the option", "[cli][declaration]") {
    for (const OptionSpec& option : cli::option_table()) {
        if (!option.fallback.empty()) {
            INFO(option.name);
            cli::Options given;
            option.apply(given, option.fallback);
            CHECK(effect(given) == effect(cli::Options{}));
        }
    }
}

TEST_CASE("every option does something", "[cli][declaration]") {
    const std::set<std::string> kAccepted{"no-pager", "help", "version"};
    for (const OptionSpec& option : cli::option_table()) {
        INFO(cli::synopsis(option));
        cli::Options given;
        const bool has_sample = !option.words.empty() || option.value == "URL" ||
                                option.value == "FPR" || kSamples.contains(option.value);
        const std::string sample =
            has_sample && sample_value(option) == option.fallback
                ? std::string(option.words.substr(option.words.rfind(' ') + 1))
                : sample_value(option);
        option.apply(given, option.value.empty()                            ? ""
                            : has_sample                                    ? sample
                            : option.completion != cli::Completion::Nothing ? "/elsewhere"
                                                                            : "7");
        CHECK((effect(given) != effect(cli::Options{})) ==
              !kAccepted.contains(std::string(option.name)));
    }
}

TEST_CASE("--help shows exactly what is declared", "[cli][declaration]") {
    CHECK(long_names(cli::general_help()) == declared_names());
    for (const VerbSpec& verb : cli::verb_table()) {
        INFO(verb.name);
        const std::string help = cli::verb_help(verb);
        std::set<std::string> options = declared_names(verb.verb);
        CHECK(long_names(help) == options);
        CHECK_THAT(help,
                   contains(std::string(verb.summary)) && contains(std::string(verb.operands)));
        CHECK_THAT(cli::general_help(), contains(fmt::format("  {} ", verb.name)));
    }
}

TEST_CASE("no line of --help is wider than 80 columns", "[cli][declaration]") {
    std::string help = cli::general_help();
    for (const VerbSpec& verb : cli::verb_table()) {
        help += cli::verb_help(verb);
    }
    std::size_t start = 0;
    while (start < help.size()) {
        const std::size_t end = help.find('\n', start);
        CHECK(end - start <= 80);
        start = end + 1;
    }
}

TEST_CASE("units and defaults are told with each option", "[cli][declaration]") {
    CHECK(cli::described(*cli::find_option("connect-timeout")) ==
          "How long a connection may take to be made (seconds, or with ms s min h; default: 15s)");
    CHECK(cli::described(*cli::find_option("force")) ==
          std::string(cli::find_option("force")->help));
    CHECK(cli::synopsis(*cli::find_option("json")) == "--json[=FORM]");
    CHECK(cli::synopsis(*cli::find_option('j')) == "-j");
}

TEST_CASE("the manual has every verb, every option and every exit status", "[cli][declaration]") {
    const std::string manual = plain_manual();
    CHECK(long_names(manual) == declared_names());
    for (const VerbSpec& verb : cli::verb_table()) {
        CHECK_THAT(manual, contains(fmt::format("\n{}{}{}\n{}.\n", verb.name,
                                                verb.operands.empty() ? "" : " ", verb.operands,
                                                verb.summary)));
    }
    for (const OptionSpec& option : cli::option_table()) {
        CHECK_THAT(manual, contains(cli::synopsis(option) + "\n" + cli::described(option)));
    }
    for (int status = 0; status <= 15; ++status) {
        CHECK_THAT(manual, contains(fmt::format(".TP\n{}\n", status)));
    }
}

TEST_CASE("the completions offer every verb and every option", "[cli][declaration]") {
    for (const std::string& script :
         {cli::bash_completion(), cli::zsh_completion(), cli::fish_completion()}) {
        for (const VerbSpec& verb : cli::verb_table()) {
            CHECK_THAT(script, contains(std::string(verb.name)));
        }
    }
    CHECK(long_names(cli::bash_completion()) == declared_names());
    CHECK(long_names(cli::zsh_completion()) == declared_names());
    for (const std::string& name : declared_names()) {
        CHECK_THAT(cli::fish_completion(), contains(" -l " + name + " "));
    }
}
