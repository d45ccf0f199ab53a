// /etc/slipway/importd.conf and its drop-ins, as a value. Every key is declared once, in the table
// of config_table.cc, with its default and its help, from which the manual page is made.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cache/bounds.hh"
#include "fetch/wire.hh"

namespace slipway::jobs {

struct Config {
    // [Transfers]
    unsigned running = 4;             ///< how many jobs run at once
    unsigned running_per_host = 2;    ///< … of one host of a URL
    unsigned jobs = 4096;             ///< queued and running ones, in all
    unsigned jobs_per_user = 64;      ///< … of one caller who is not root
    std::string verify = "signature"; ///< of a pull that does not say
    // [Downloads]
    bool keep_downloads = false; ///< of a pull that does not say
    std::uint64_t kept_size_bytes = cache::Bounds().size_bytes;
    std::chrono::seconds kept_age = cache::Bounds().age; ///< since the last use
    // [Transfers] Bandwidth, [Network]
    fetch::Settings network; ///< rate, time-outs and attempts
    /// "NAME=value" for the programs of a job: http_proxy, https_proxy, all_proxy, no_proxy.
    std::vector<std::string> proxies;
    // [Limits]: 0 is the default of pull/budget.hh
    std::uint64_t max_size_bytes = 0;
    std::uint64_t max_ratio = 0;
    std::uint64_t max_entries = 0;
    std::uint64_t memory_bytes = 0;
    // [Pools]: by class
    std::map<std::string, std::filesystem::path> pools{
        {"machine", "/var/lib/machines"},
        {"portable", "/var/lib/portables"},
        {"sysext", "/var/lib/extensions"},
        {"confext", "/var/lib/confexts"},
    };
    // [Daemon]
    std::chrono::seconds idle_exit{30}; ///< without jobs, when it was activated; 0: never
    unsigned history = 10'000;          ///< ended jobs that are kept
};

/// Where the configuration lies: a file, and the directories whose *.conf are read after it in the
/// order of their names; of files of one name the one in the later directory counts
/// (systemd.unit(5) has the same rule).
struct ConfigPlaces {
    std::filesystem::path file = "/etc/slipway/importd.conf";
    std::vector<std::filesystem::path> drop_ins{"/usr/lib/slipway/importd.conf.d",
                                                "/run/slipway/importd.conf.d",
                                                "/etc/slipway/importd.conf.d"};
};

/// Of the usual file the usual places, of another one FILE.d alone.
ConfigPlaces places_of(const std::filesystem::path& file);

struct LoadedConfig {
    Config config;
    std::vector<std::string> warnings; ///< "FILE:LINE: …": unknown keys and sections, passed over
};

/// Missing files are nothing special.
/// @throws Error InvalidArgument: "FILE:LINE: …" what was expected and found; nothing is taken
LoadedConfig load_config(const ConfigPlaces& places);

} // namespace slipway::jobs
