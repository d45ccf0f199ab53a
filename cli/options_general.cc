// What every verb, or many, can be told, and what is shown.

#include <array>
#include <filesystem>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "cli/option_groups.hh"
#include "storage/image_class.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kGeneral = "Options";
constexpr std::string_view kOutput = "Output";

std::filesystem::path absolute_file(std::string_view text) {
    return std::filesystem::absolute(text);
}

JsonForm parse_json_form(std::string_view text) {
    if (text.empty()) {
        return JsonForm::Auto;
    }
    if (text == "pretty") {
        return JsonForm::Pretty;
    }
    if (text == "short") {
        return JsonForm::Short;
    }
    if (text == "off") {
        return JsonForm::Off;
    }
    throw Error(Kind::InvalidArgument, "{} is no form of output; expected pretty, short or off",
                quoted(text));
}

storage::ImageClass parse_class(std::string_view text) {
    const std::optional<storage::ImageClass> found = storage::find_class(text);
    if (!found) {
        throw Error(Kind::InvalidArgument,
                    "{} is no class of images; expected machine, portable, sysext or confext",
                    quoted(text));
    }
    return *found;
}

constexpr std::array kOptions{
    OptionSpec{
        .group = kGeneral,
        .name = "help",
        .letter = 'h',
        .help = "Show help, of the verb if one is given",
        .apply = [](Options& o, std::string_view) { o.help = true; },
    },
    OptionSpec{
        .group = kGeneral,
        .name = "version",
        .help = "Show the version",
        .apply = [](Options& o, std::string_view) { o.version = true; },
    },
    OptionSpec{
        .group = kGeneral,
        .name = "pool",
        .value = "DIR",
        .fallback = "/var/lib/machines",
        .completion = Completion::Directory,
        .help = "Where images are kept; the daemon is then not asked, and kept downloads are those "
                "of your own cache directory",
        .verbs = kPoolUsers | kRunMachine | kSettings | verbs(Verb::CacheList, Verb::CachePrune),
        .apply =
            [](Options& o, std::string_view value) {
                o.pool = absolute_file(value);
                o.pool_given = true;
            },
    },
    OptionSpec{
        .group = kGeneral,
        .name = "class",
        .value = "CLASS",
        .fallback = "machine",
        .completion = Completion::Words,
        .words = "machine portable sysext confext",
        .help = "Which images are meant, each class with its own pool and search path",
        .verbs = kPoolUsers,
        .apply = [](Options& o, std::string_view value) { o.image_class = parse_class(value); },
    },
    OptionSpec{
        .group = kGeneral,
        .name = "direct",
        .help = "Do the work in this process's children, even if slipway-importd answers",
        .verbs = kPoolUsers,
        .apply = [](Options& o, std::string_view) { o.direct = true; },
    },
    OptionSpec{
        .group = kGeneral,
        .name = "wait",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Wait for the transfer's end; with no, its number is printed as soon as "
                "slipway-importd has queued it. Of start: until the machine has booted; of "
                "poweroff: until it has ended",
        .verbs = kBringIn | verbs(Verb::Start, Verb::Poweroff, Verb::Stop),
        .apply = [](Options& o, std::string_view value) { o.wait = parse_truth(value); },
    },
    OptionSpec{
        .group = kGeneral,
        .name = "yes",
        .letter = 'y',
        .help = "Do not ask",
        .verbs = verbs(Verb::Clean, Verb::CachePrune, Verb::KeysAdd, Verb::KeysRemove),
        .apply = [](Options& o, std::string_view) { o.yes = true; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "quiet",
        .letter = 'q',
        .help = "Say nothing but warnings and errors",
        .verbs = kJobs | kRunMachine | kSettings | verbs(Verb::Shell, Verb::CopyTo, Verb::CopyFrom),
        .apply = [](Options& o, std::string_view) { o.quiet = true; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "json",
        .value = "FORM",
        .value_optional = true,
        .completion = Completion::Words,
        .words = "pretty short off",
        .help = "Write JSON to standard output, as pretty, short or off: the events of a job, one "
                "object a line, or the whole of a list",
        .verbs = kJson,
        .apply = [](Options& o, std::string_view value) { o.json = parse_json_form(value); },
    },
    OptionSpec{
        .group = kOutput,
        .letter = 'j',
        .help = "The same as --json=pretty on a terminal, --json=short elsewhere",
        .verbs = kJson,
        .apply = [](Options& o, std::string_view) { o.json = JsonForm::Auto; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "no-legend",
        .help = "Show neither the head nor the foot of a list",
        .verbs = kLists,
        .apply = [](Options& o, std::string_view) { o.legend = false; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "no-pager",
        .help = "Accepted for the sake of scripts; there is never a pager",
        .apply = [](Options&, std::string_view) {},
    },
    OptionSpec{
        .group = kOutput,
        .name = "all",
        .letter = 'a',
        .help = "Show hidden images, too, and what is shadowed, dangling or left over; cancel "
                "every transfer; "
                "clean every image that is not in use",
        .verbs = verbs(Verb::ListImages, Verb::CancelTransfer, Verb::Clean, Verb::CachePrune),
        .apply = [](Options& o, std::string_view) { o.all = true; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "exact",
        .help = "Walk every directory to know how much room it takes now",
        .verbs = verbs(Verb::ListImages, Verb::ImageStatus, Verb::ShowImage),
        .apply = [](Options& o, std::string_view) { o.exact = true; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "property",
        .letter = 'p',
        .value = "NAME",
        .repeatable = true,
        .help = "Show this property alone; can be given several times",
        .verbs = verbs(Verb::ShowImage),
        .apply = [](Options& o, std::string_view value) { o.properties.emplace_back(value); },
    },
    OptionSpec{
        .group = kOutput,
        .name = "value",
        .help = "Show values without the names of the properties",
        .verbs = verbs(Verb::ShowImage),
        .apply = [](Options& o, std::string_view) { o.value_only = true; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "lines",
        .letter = 'n',
        .value = "N",
        .fallback = "100",
        .help = "Show so many transfers, or lines of a console, at most",
        .verbs = verbs(Verb::History, Verb::Log),
        .apply = [](Options& o,
                    std::string_view value) { o.lines = parse_count<std::uint32_t>(value); },
    },
    OptionSpec{
        .group = kOutput,
        .name = "debug",
        .help = "Say on standard error what is being done",
        .apply = [](Options& o, std::string_view) { o.debug = true; },
    },
};

} // namespace

std::span<const OptionSpec> general_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
