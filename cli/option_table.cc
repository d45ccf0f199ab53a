// The table of options. The order is that of --help.

#include "cli/option_table.hh"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "base/size.hh"
#include "base/url.hh"
#include "pull/unpack_tar.hh"
#include "verify/key_drop_in.hh"
#include "verify/policy.hh"
#include "verify/url_prefix.hh"

namespace slipway::cli {
namespace {

// The help says what 0 stands for.
static_assert(pull::Budget::kSizeBytes == 512 * GiB && pull::Budget::kRatio == 200 &&
              pull::Budget::kEntries == 4'000'000);

constexpr VerbSet kPull = verbs(Verb::PullTar, Verb::PullRaw);
constexpr VerbSet kJudge = kPull | verbs(Verb::Verify);
constexpr VerbSet kUnpackTar = verbs(Verb::PullTar, Verb::ImportTar);
constexpr VerbSet kUnpack = kPull | verbs(Verb::ImportTar, Verb::ImportRaw);
constexpr VerbSet kBringIn = kUnpack | verbs(Verb::ImportFs);
constexpr VerbSet kJobs = kBringIn | verbs(Verb::Verify, Verb::Remove);
constexpr VerbSet kPoolUsers = kJobs | verbs(Verb::ListImages, Verb::Features);
constexpr VerbSet kTransferLists = verbs(Verb::ListTransfers, Verb::History);
constexpr VerbSet kKeys = verbs(Verb::KeysList, Verb::KeysCheck, Verb::KeysAdd, Verb::KeysRemove);
constexpr VerbSet kLists = kTransferLists | verbs(Verb::ListImages, Verb::Features, Verb::KeysList);
constexpr VerbSet kJson =
    kPoolUsers | kTransferLists | verbs(Verb::Monitor, Verb::KeysList, Verb::KeysCheck);

constexpr std::string_view kGeneral = "Options";
constexpr std::string_view kOutput = "Output";
constexpr std::string_view kStoring = "Storing";
constexpr std::string_view kVerification = "Verification";
constexpr std::string_view kKeyFiles = "Keys";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kNetwork = "Network";

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

bool parse_stale(std::string_view text) {
    if (text != "warn" && text != "refuse") {
        throw Error(Kind::InvalidArgument, "--stale={} is not understood; expected warn or refuse",
                    quoted(text));
    }
    return text == "refuse";
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
        .help = "Where images are kept; a transfer then asks no daemon",
        .verbs = kPoolUsers,
        .apply =
            [](Options& o, std::string_view value) {
                o.pool = absolute_file(value);
                o.pool_given = true;
            },
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
                "slipway-importd has queued it",
        .verbs = kBringIn,
        .apply = [](Options& o, std::string_view value) { o.wait = parse_truth(value); },
    },
    OptionSpec{
        .group = kOutput,
        .name = "quiet",
        .letter = 'q',
        .help = "Say nothing but warnings and errors",
        .verbs = kJobs,
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
        .help = "Show hidden images, too; cancel every transfer",
        .verbs = verbs(Verb::ListImages, Verb::CancelTransfer),
        .apply = [](Options& o, std::string_view) { o.all = true; },
    },
    OptionSpec{
        .group = kOutput,
        .name = "lines",
        .value = "N",
        .fallback = "100",
        .help = "Show so many transfers at most",
        .verbs = verbs(Verb::History),
        .apply = [](Options& o,
                    std::string_view value) { o.lines = parse_count<std::uint32_t>(value); },
    },
    OptionSpec{
        .group = kOutput,
        .name = "debug",
        .help = "Say on standard error what is being done",
        .apply = [](Options& o, std::string_view) { o.debug = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "force",
        .help = "Replace an image, or a key file, of the same name, in one step; an image that is "
                "in use is left alone",
        .verbs = kBringIn | verbs(Verb::KeysAdd),
        .apply = [](Options& o, std::string_view) { o.job.force = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "dry-run",
        .help = "Look at everything up to the image's first byte: proofs, size, name and space; "
                "nothing is stored, and no daemon is asked",
        .verbs = kPull,
        .apply = [](Options& o, std::string_view) { o.job.dry_run = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "read-only",
        .help = "Mark the image read-only",
        .verbs = kBringIn,
        .apply = [](Options& o, std::string_view) { o.job.read_only = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "privileged-xattrs",
        .help = "Keep trusted.* and all of security.*; without it they are left out and counted",
        .verbs = kUnpackTar,
        .apply = [](Options& o, std::string_view) { o.job.tar.privileged_xattrs = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "skip-unsupported-xattrs",
        .help =
            "Leave out, and count, attributes that the file system cannot hold; without it they "
            "are an error",
        .verbs = kUnpackTar | verbs(Verb::ImportFs),
        .apply = [](Options& o, std::string_view) { o.job.tar.skip_unsupported_xattrs = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "settings",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring the file .nspawn beside the image along",
        .verbs = kPull,
        .apply = [](Options& o,
                    std::string_view value) { o.job.siblings.settings = parse_truth(value); },
    },
    OptionSpec{
        .group = kStoring,
        .name = "roothash",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring .roothash and .usrhash along",
        .verbs = verbs(Verb::PullRaw),
        .apply = [](Options& o,
                    std::string_view value) { o.job.siblings.roothash = parse_truth(value); },
    },
    OptionSpec{
        .group = kStoring,
        .name = "roothash-signature",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring .roothash.p7s and .usrhash.p7s along",
        .verbs = verbs(Verb::PullRaw),
        .apply =
            [](Options& o, std::string_view value) {
                o.job.siblings.roothash_signature = parse_truth(value);
            },
    },
    OptionSpec{
        .group = kStoring,
        .name = "verity",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring .verity along, the hash tree of a disk",
        .verbs = verbs(Verb::PullRaw),
        .apply = [](Options& o,
                    std::string_view value) { o.job.siblings.verity = parse_truth(value); },
    },
    OptionSpec{
        .group = kVerification,
        .name = "verify",
        .value = "MODE",
        .fallback = "signature",
        .completion = Completion::Words,
        .words = "no checksum signature",
        .help = "What has to vouch for the image: no (nothing), checksum (a document beside it), "
                "signature (such a document, signed by a key we hold), or a SHA-256, SHA-384 or "
                "SHA-512 in hexadecimal. Imports take no or a digest, their default is no",
        .verbs = kUnpack | verbs(Verb::Verify),
        .apply =
            [](Options& o, std::string_view value) {
                static_cast<void>(verify::parse_policy(value));
                o.verify = value;
            },
    },
    OptionSpec{
        .group = kVerification,
        .name = "keyring",
        .value = "FILE",
        .repeatable = true,
        .completion = Completion::File,
        .help = "A key ring to use instead of the system's; can be given several times",
        .verbs = kJudge,
        .apply = [](Options& o,
                    std::string_view value) { o.job.keyrings.push_back(absolute_file(value)); },
    },
    OptionSpec{
        .group = kVerification,
        .name = "checksum-url",
        .value = "URL",
        .help = "The checksum document, instead of the search beside the image",
        .verbs = kJudge,
        .apply = [](Options& o,
                    std::string_view value) { o.job.checksum_url = Url::parse(value).text(); },
    },
    OptionSpec{
        .group = kVerification,
        .name = "signature-url",
        .value = "URL",
        .help = "The signature, instead of the search: over the document of --checksum-url=, "
                "without it over the image",
        .verbs = kJudge,
        .apply = [](Options& o,
                    std::string_view value) { o.job.signature_url = Url::parse(value).text(); },
    },
    OptionSpec{
        .group = kVerification,
        .name = "stale",
        .value = "WORD",
        .fallback = "warn",
        .completion = Completion::Words,
        .words = "refuse warn",
        .help = "What becomes of an image whose signature is older than one that was accepted from "
                "the same place before: warn or refuse",
        .verbs = kJudge,
        .apply = [](Options& o,
                    std::string_view value) { o.job.refuse_stale = parse_stale(value); },
    },
    OptionSpec{
        .group = kKeyFiles,
        .name = "match",
        .value = "URL",
        .repeatable = true,
        .help = "Pin the key to what lies below this URL: there it counts alone, and nowhere else; "
                "can be given several times",
        .verbs = verbs(Verb::KeysAdd),
        .apply =
            [](Options& o, std::string_view value) {
                o.keys.match.push_back(verify::parse_url_prefix(value) + "/");
            },
    },
    OptionSpec{
        .group = kKeyFiles,
        .name = "fingerprint",
        .value = "FPR",
        .repeatable = true,
        .help = "The fingerprint that the publisher names: with another key in the file nothing is "
                "added, and nothing is asked; can be given several times",
        .verbs = verbs(Verb::KeysAdd),
        .apply =
            [](Options& o, std::string_view value) {
                o.keys.fingerprints.push_back(verify::parse_fingerprint(value));
            },
    },
    OptionSpec{
        .group = kKeyFiles,
        .name = "yes",
        .letter = 'y',
        .help = "Do not ask",
        .verbs = verbs(Verb::KeysAdd, Verb::KeysRemove),
        .apply = [](Options& o, std::string_view) { o.keys.yes = true; },
    },
    OptionSpec{
        .group = kKeyFiles,
        .name = "root",
        .value = "DIR",
        .fallback = "/",
        .completion = Completion::Directory,
        .help = "The system whose keys are meant, such as one that is being prepared",
        .verbs = kKeys,
        .apply = [](Options& o, std::string_view value) { o.keys.root = absolute_file(value); },
    },
    OptionSpec{
        .group = kLimits,
        .name = "max-size",
        .value = "SIZE",
        .fallback = "0",
        .unit = "bytes, or with K M G T",
        .help = "Refuse an image that holds more than this; 0 stands for 512G",
        .verbs = kUnpack,
        .apply = [](Options& o,
                    std::string_view value) { o.job.budget.size_bytes = parse_size(value); },
    },
    OptionSpec{
        .group = kLimits,
        .name = "max-ratio",
        .value = "N",
        .fallback = "0",
        .help = "Refuse input that grows to more than N times its size; 0 stands for 200",
        .verbs = kUnpack,
        .apply =
            [](Options& o, std::string_view value) {
                o.job.budget.ratio = parse_count<std::uint64_t>(value);
            },
    },
    OptionSpec{
        .group = kLimits,
        .name = "max-entries",
        .value = "N",
        .fallback = "0",
        .help = "Refuse an archive with more entries than this; 0 stands for 4000000",
        .verbs = kUnpackTar,
        .apply =
            [](Options& o, std::string_view value) {
                o.job.budget.entries = parse_count<std::uint64_t>(value);
            },
    },
    OptionSpec{
        .group = kLimits,
        .name = "memory",
        .value = "SIZE",
        .unit = "bytes, or with K M G",
        .help = "How much a decoder may take for its window or dictionary; 160M unless given",
        .verbs = kUnpack,
        .apply = [](Options& o, std::string_view value) { o.job.memory_bytes = parse_size(value); },
    },
    OptionSpec{
        .group = kNetwork,
        .name = "connect-timeout",
        .value = "TIME",
        .fallback = "15s",
        .unit = "seconds, or with ms s min h",
        .help = "How long a connection may take to be made",
        .verbs = kJudge,
        .apply =
            [](Options& o, std::string_view value) {
                o.job.network.connect_timeout = parse_duration(value);
            },
    },
    OptionSpec{
        .group = kNetwork,
        .name = "stall-timeout",
        .value = "TIME",
        .fallback = "30s",
        .unit = "seconds, or with ms s min h",
        .help = "A connection below --stall-speed= for this long counts as cut",
        .verbs = kJudge,
        .apply =
            [](Options& o, std::string_view value) {
                o.job.network.stall_timeout = parse_duration(value);
            },
    },
    OptionSpec{
        .group = kNetwork,
        .name = "stall-speed",
        .value = "SIZE",
        .fallback = "30",
        .unit = "bytes a second, or with K M G",
        .help = "Slower than this is a stall",
        .verbs = kJudge,
        .apply = [](Options& o,
                    std::string_view value) { o.job.network.stall_bytes = parse_size(value); },
    },
    OptionSpec{
        .group = kNetwork,
        .name = "retry-delay",
        .value = "TIME",
        .fallback = "1s",
        .unit = "seconds, or with ms s min h",
        .help = "The first pause before a connection is tried again; the next are 2, 4, 8, 16 and "
                "30 times as long",
        .verbs = kJudge,
        .apply = [](Options& o,
                    std::string_view value) { o.job.network.retry = parse_duration(value); },
    },
    OptionSpec{
        .group = kNetwork,
        .name = "retries",
        .value = "N",
        .fallback = "8",
        .help = "Give up after this many attempts in a row that brought nothing",
        .verbs = kJudge,
        .apply =
            [](Options& o, std::string_view value) {
                o.job.network.retries = parse_count<unsigned>(value);
            },
    },
    OptionSpec{
        .group = kNetwork,
        .name = "ca-file",
        .value = "FILE",
        .completion = Completion::File,
        .help = "Certificates to trust for https instead of the system's, in PEM",
        .verbs = kJudge,
        .apply =
            [](Options& o, std::string_view value) {
                o.job.network.ca_file = absolute_file(value).string();
            },
    },
};

} // namespace

std::span<const OptionSpec> option_table() noexcept {
    return kOptions;
}

const OptionSpec* find_option(std::string_view name) noexcept {
    const auto* found =
        std::find_if(kOptions.begin(), kOptions.end(),
                     [name](const OptionSpec& option) { return option.name == name; });
    return name.empty() || found == kOptions.end() ? nullptr : found;
}

const OptionSpec* find_option(char letter) noexcept {
    const auto* found =
        std::find_if(kOptions.begin(), kOptions.end(),
                     [letter](const OptionSpec& option) { return option.letter == letter; });
    return letter == '\0' || found == kOptions.end() ? nullptr : found;
}

std::string synopsis(const OptionSpec& option) {
    if (option.name.empty()) {
        return fmt::format("-{}", option.letter);
    }
    if (option.value.empty()) {
        return fmt::format("--{}", option.name);
    }
    const std::string value = fmt::format("={}", option.value);
    return fmt::format("--{}{}", option.name, option.value_optional ? "[" + value + "]" : value);
}

std::string described(const OptionSpec& option) {
    std::string remarks(option.unit);
    if (!option.fallback.empty()) {
        remarks += fmt::format("{}default: {}", remarks.empty() ? "" : "; ", option.fallback);
    }
    return remarks.empty() ? std::string(option.help)
                           : fmt::format("{} ({})", option.help, remarks);
}

} // namespace slipway::cli
