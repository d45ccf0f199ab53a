// What has to vouch for an image, and the keys.

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "cli/option_groups.hh"
#include "verify/key_drop_in.hh"
#include "verify/policy.hh"
#include "verify/url_prefix.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kVerification = "Verification";
constexpr std::string_view kKeyFiles = "Keys";

std::filesystem::path absolute_file(std::string_view text) {
    return std::filesystem::absolute(text);
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
        .name = "root",
        .value = "DIR",
        .fallback = "/",
        .completion = Completion::Directory,
        .help = "The system whose keys are meant, such as one that is being prepared",
        .verbs = kKeys,
        .apply = [](Options& o, std::string_view value) { o.keys.root = absolute_file(value); },
    },
};

} // namespace

std::span<const OptionSpec> verification_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
