// How much may come, and how long it may take.

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/bytes.hh"
#include "base/scalar.hh"
#include "base/size.hh"
#include "cli/option_groups.hh"
#include "pull/unpack_tar.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kNetwork = "Network";

std::filesystem::path absolute_file(std::string_view text) {
    return std::filesystem::absolute(text);
}

// The help says what 0 stands for.
static_assert(pull::Budget::kSizeBytes == 512 * GiB && pull::Budget::kRatio == 200 &&
              pull::Budget::kEntries == 4'000'000);

constexpr std::array kOptions{
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

std::span<const OptionSpec> limit_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
