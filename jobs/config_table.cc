// The table, in the order of the manual.

#include "jobs/config_table.hh"

#include <algorithm>
#include <array>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "base/size.hh"
#include "cache/bounds.hh"
#include "pull/budget.hh"

namespace slipway::jobs {
namespace {

static_assert(cache::Bounds().size_bytes == 10 * GiB &&
              cache::Bounds().age == std::chrono::hours(30 * 24));
// The help says what 0 stands for.
static_assert(pull::Budget::kSizeBytes == 512 * GiB && pull::Budget::kDiskBytes == 8192 * GiB &&
              pull::Budget::kRatio == 200 && pull::Budget::kEntries == 4'000'000);

constexpr std::string_view kTimeUnit = "seconds, or with ms s min h";
constexpr std::string_view kLongTimeUnit = "seconds, or with ms s min h d";
constexpr std::string_view kSizeUnit = "bytes, or with K M G T";

// The member of a configuration that the path leads to: &Config::network,
// &fetch::Settings::retries.
template <auto... Path>
auto& member(Config& config) {
    return (config.*....*Path);
}

template <auto... Path, typename Parse>
void assign(Config& config, std::string_view value, Parse parse) {
    Config fresh;
    member<Path...>(config) = value.empty() ? member<Path...>(fresh) : parse(value);
}

template <auto... Path>
void assign_size(Config& config, std::string_view value) {
    assign<Path...>(config, value, parse_size);
}

template <auto Least, auto Most, auto... Path>
void assign_count(Config& config, std::string_view value) {
    assign<Path...>(config, value, [](std::string_view text) {
        const auto number = parse_count<std::decay_t<decltype(Most)>>(text);
        if (number < Least || number > Most) {
            throw Error(Kind::InvalidArgument, "{}; expected a number from {} to {}", number, Least,
                        Most);
        }
        return number;
    });
}

template <auto... Path>
void assign_patience(Config& config, std::string_view value) {
    assign<Path...>(config, value, [](std::string_view text) {
        const std::chrono::milliseconds time = parse_duration(text);
        if (time < std::chrono::milliseconds(1) || time > std::chrono::hours(24)) {
            throw Error(Kind::InvalidArgument, "{}; expected a time from 1ms to 24h", quoted(text));
        }
        return time;
    });
}

std::filesystem::path absolute_path(std::string_view text) {
    const std::filesystem::path path(text);
    if (!path.is_absolute() || path.lexically_normal() != path) {
        throw Error(Kind::InvalidArgument,
                    "{}; expected an absolute path without '.', '..' and a slash at its end",
                    quoted(text));
    }
    return path;
}

// Less is taken for a stall.
void assign_rate(Config& config, std::string_view value) {
    const std::uint64_t rate = value.empty() ? 0 : parse_size(value);
    if (rate != 0 && (rate < KiB || rate > std::uint64_t{1} << 40)) {
        throw Error(Kind::InvalidArgument, "{}; expected 0, or a size from 1K to 1T",
                    quoted(value));
    }
    config.network.rate_bytes = rate;
}

void assign_ca_file(Config& config, std::string_view value) {
    config.network.ca_file = value.empty() ? "" : absolute_path(value).string();
}

template <const auto& Class>
void assign_pool(Config& config, std::string_view value) {
    const std::string key(Class);
    config.pools[key] = value.empty() ? Config().pools.at(key) : absolute_path(value);
}

// A proxy may hold a password: it is not repeated in a message.
template <const auto& Variable, bool List = false>
void assign_proxy(Config& config, std::string_view value) {
    const std::string start = std::string(Variable) + "=";
    auto& proxies = config.proxies;
    const auto place = std::find_if(proxies.begin(), proxies.end(),
                                    [&](const std::string& one) { return one.starts_with(start); });
    if (value.empty()) {
        proxies.erase(place, place == proxies.end() ? place : place + 1);
        return;
    }
    if (std::any_of(value.begin(), value.end(), [](char c) { return c <= ' ' || c == '\x7f'; }) &&
        !List) {
        throw Error(Kind::InvalidArgument,
                    "a blank or control character; expected the URL of a proxy");
    }
    if (place == proxies.end()) {
        proxies.push_back(start + std::string(value));
    } else if (List) {
        *place += "," + std::string(value);
    } else {
        *place = start + std::string(value);
    }
}

void assign_verify(Config& config, std::string_view value) {
    constexpr std::array<std::string_view, 3> kModes{"no", "checksum", "signature"};
    if (!value.empty() && std::find(kModes.begin(), kModes.end(), value) == kModes.end()) {
        throw Error(Kind::InvalidArgument, "{}; expected no, checksum or signature", quoted(value));
    }
    config.verify = value.empty() ? Config().verify : std::string(value);
}

void assign_keep(Config& config, std::string_view value) {
    config.keep_downloads = !value.empty() && parse_truth(value);
}

// 0 is the default in a request; nothing is kept for less than a second.
void assign_kept_age(Config& config, std::string_view value) {
    using namespace std::chrono;
    config.kept_age = value.empty() ? Config().kept_age : ceil<seconds>(parse_duration(value));
    if (config.kept_age < seconds(1)) {
        throw Error(Kind::InvalidArgument, "{}; expected a time from 1s on", quoted(value));
    }
}

void assign_kept_size(Config& config, std::string_view value) {
    config.kept_size_bytes = value.empty() ? Config().kept_size_bytes : parse_size(value);
    if (config.kept_size_bytes == 0) {
        throw Error(Kind::InvalidArgument,
                    "{}; expected a size from 1 on. Keep=no keeps no downloads", quoted(value));
    }
}

void assign_idle_exit(Config& config, std::string_view value) {
    using namespace std::chrono;
    config.idle_exit = value.empty()         ? Config().idle_exit
                       : value == "infinity" ? seconds(0)
                                             : ceil<seconds>(parse_duration(value));
}

constexpr std::string_view kMachine = "machine";
constexpr std::string_view kPortable = "portable";
constexpr std::string_view kSystemExtension = "sysext";
constexpr std::string_view kConfigurationExtension = "confext";
constexpr std::string_view kHttpProxy = "http_proxy";
constexpr std::string_view kHttpsProxy = "https_proxy";
constexpr std::string_view kAllProxy = "all_proxy";
constexpr std::string_view kNoProxy = "no_proxy";

constexpr std::array kKeys{
    KeySpec{
        .section = "Transfers",
        .name = "Running",
        .value = "N",
        .fallback = "4",
        .help =
            "How many jobs run at once; the others are queued. Next comes the oldest of the caller "
            "who has the fewest running",
        .apply = assign_count<1U, 256U, &Config::running>,
    },
    KeySpec{
        .section = "Transfers",
        .name = "RunningPerHost",
        .value = "N",
        .fallback = "2",
        .help = "How many pulls run at once from one host of a URL. A job that has to wait for its "
                "host lets the next one of another host go first",
        .apply = assign_count<1U, 256U, &Config::running_per_host>,
    },
    KeySpec{
        .section = "Transfers",
        .name = "Jobs",
        .value = "N",
        .fallback = "4096",
        .help = "How many jobs may be queued and running in all; one more is refused",
        .apply = assign_count<1U, 65'536U, &Config::jobs>,
    },
    KeySpec{
        .section = "Transfers",
        .name = "JobsPerUser",
        .value = "N",
        .fallback = "64",
        .help = "How many of them one caller who is not root may have",
        .apply = assign_count<1U, 65'536U, &Config::jobs_per_user>,
    },
    KeySpec{
        .section = "Transfers",
        .name = "Verify",
        .value = "MODE",
        .fallback = "signature",
        .help =
            "What has to vouch for the image of a pull that does not say: no (nothing), checksum "
            "(a document beside it) or signature (such a document, signed by a key we hold)",
        .apply = assign_verify,
    },
    KeySpec{
        .section = "Transfers",
        .name = "Bandwidth",
        .value = "SIZE",
        .fallback = "0",
        .unit = "bytes a second, or with K M G",
        .help = "No pull takes more than this from the network; 0 is no bound",
        .apply = assign_rate,
    },
    KeySpec{
        .section = "Downloads",
        .name = "Keep",
        .value = "BOOL",
        .fallback = "no",
        .help = "Whether a pull that does not say keeps what it downloads, with what vouches for "
                "it, in /var/cache/slipway: the next pull of the same image then downloads nothing "
                "and verifies it again. Clients of org.freedesktop.import1 say it from systemd 256 "
                "on",
        .apply = assign_keep,
    },
    KeySpec{
        .section = "Downloads",
        .name = "MaxSize",
        .value = "SIZE",
        .fallback = "10G",
        .unit = kSizeUnit,
        .help = "All kept downloads together take at most this; those that were not used for "
                "longest go first. Whoever pulls without the daemon keeps within it, too",
        .apply = assign_kept_size,
    },
    KeySpec{
        .section = "Downloads",
        .name = "MaxAge",
        .value = "TIME",
        .fallback = "30d",
        .unit = kLongTimeUnit,
        .help = "One that was not used for so long goes with the next that is kept",
        .apply = assign_kept_age,
    },
    KeySpec{
        .section = "Network",
        .name = "ConnectTimeout",
        .value = "TIME",
        .fallback = "15s",
        .unit = kTimeUnit,
        .help = "How long a connection may take to be made",
        .apply = assign_patience<&Config::network, &fetch::Settings::connect_timeout>,
    },
    KeySpec{
        .section = "Network",
        .name = "StallTimeout",
        .value = "TIME",
        .fallback = "30s",
        .unit = kTimeUnit,
        .help = "A connection that brings next to nothing for this long counts as cut",
        .apply = assign_patience<&Config::network, &fetch::Settings::stall_timeout>,
    },
    KeySpec{
        .section = "Network",
        .name = "Retries",
        .value = "N",
        .fallback = "8",
        .help = "A pull gives up after this many attempts in a row that brought nothing",
        .apply = assign_count<0U, 1000U, &Config::network, &fetch::Settings::retries>,
    },
    KeySpec{
        .section = "Network",
        .name = "MaxRedirects",
        .value = "N",
        .fallback = "10",
        .help = "How often a server may send a request elsewhere",
        .apply = assign_count<0U, 50U, &Config::network, &fetch::Settings::max_redirects>,
    },
    KeySpec{
        .section = "Network",
        .name = "CaFile",
        .value = "FILE",
        .help = "Certificates to trust for https instead of the system's, in PEM",
        .apply = assign_ca_file,
    },
    KeySpec{
        .section = "Network",
        .name = "HttpProxy",
        .value = "URL",
        .help = "The proxy for http. A caller's proxy variables never reach the daemon: what is "
                "neither here nor in the service's environment is not used. Who writes a password "
                "here takes the file from others' eyes (chmod 0600)",
        .apply = assign_proxy<kHttpProxy>,
    },
    KeySpec{
        .section = "Network",
        .name = "HttpsProxy",
        .value = "URL",
        .help = "The proxy for https",
        .apply = assign_proxy<kHttpsProxy>,
    },
    KeySpec{
        .section = "Network",
        .name = "AllProxy",
        .value = "URL",
        .help = "The proxy for both, where the one above is not set",
        .apply = assign_proxy<kAllProxy>,
    },
    KeySpec{
        .section = "Network",
        .name = "NoProxy",
        .value = "HOST,...",
        .help = "Hosts and domains that are asked without a proxy; given again it adds to the list",
        .apply = assign_proxy<kNoProxy, true>,
    },
    KeySpec{
        .section = "Limits",
        .name = "MaxSize",
        .value = "SIZE",
        .fallback = "0",
        .unit = kSizeUnit,
        .help = "An image larger than this is refused; 0 stands for 512G, of a disk 512G of data "
                "in 8T",
        .apply = assign_size<&Config::max_size_bytes>,
    },
    KeySpec{
        .section = "Limits",
        .name = "MaxRatio",
        .value = "N",
        .fallback = "0",
        .help = "An image that unpacks to more than this many times what was fetched is refused; 0 "
                "stands for 200",
        .apply = assign_count<std::uint64_t{0}, std::uint64_t{1'000'000}, &Config::max_ratio>,
    },
    KeySpec{
        .section = "Limits",
        .name = "MaxEntries",
        .value = "N",
        .fallback = "0",
        .help = "An archive with more entries than this is refused; 0 stands for 4000000",
        .apply = assign_count<std::uint64_t{0}, std::uint64_t{1'000'000'000}, &Config::max_entries>,
    },
    KeySpec{
        .section = "Limits",
        .name = "Memory",
        .value = "SIZE",
        .fallback = "0",
        .unit = kSizeUnit,
        .help = "How much a decoder may take for its window or dictionary; 0 stands for 160M",
        .apply = assign_size<&Config::memory_bytes>,
    },
    KeySpec{
        .section = "Pools",
        .name = "Machine",
        .value = "DIR",
        .fallback = "/var/lib/machines",
        .help = "Where images of machines are kept",
        .apply = assign_pool<kMachine>,
    },
    KeySpec{
        .section = "Pools",
        .name = "Portable",
        .value = "DIR",
        .fallback = "/var/lib/portables",
        .help = "Where images of portable services are kept",
        .apply = assign_pool<kPortable>,
    },
    KeySpec{
        .section = "Pools",
        .name = "SystemExtension",
        .value = "DIR",
        .fallback = "/var/lib/extensions",
        .help = "Where system extensions (sysext) are kept",
        .apply = assign_pool<kSystemExtension>,
    },
    KeySpec{
        .section = "Pools",
        .name = "ConfigurationExtension",
        .value = "DIR",
        .fallback = "/var/lib/confexts",
        .help = "Where configuration extensions (confext) are kept",
        .apply = assign_pool<kConfigurationExtension>,
    },
    KeySpec{
        .section = "Daemon",
        .name = "IdleExit",
        .value = "TIME",
        .fallback = "30s",
        .unit = kTimeUnit,
        .help = "A daemon that was activated by the bus ends after this long without a job; 0 or "
                "infinity: never",
        .apply = assign_idle_exit,
    },
    KeySpec{
        .section = "Daemon",
        .name = "History",
        .value = "N",
        .fallback = "10000",
        .help = "How many ended jobs are remembered",
        .apply = assign_count<0U, 10'000'000U, &Config::history>,
    },

};

} // namespace

std::span<const KeySpec> key_table() noexcept {
    return kKeys;
}

const KeySpec* find_key(std::string_view section, std::string_view name) noexcept {
    const auto* found = std::find_if(kKeys.begin(), kKeys.end(), [&](const KeySpec& key) {
        return key.section == section && key.name == name;
    });
    return found == kKeys.end() ? nullptr : found;
}

std::vector<std::string> config_sections() {
    std::vector<std::string> sections;
    for (const KeySpec& key : kKeys) {
        if (sections.empty() || sections.back() != key.section) {
            sections.emplace_back(key.section);
        }
    }
    return sections;
}

std::vector<std::string> keys_of(std::string_view section) {
    std::vector<std::string> keys;
    for (const KeySpec& key : kKeys) {
        if (key.section == section) {
            keys.emplace_back(key.name);
        }
    }
    return keys;
}

} // namespace slipway::jobs
