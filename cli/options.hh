// What the command line said, as a value: every option of every verb, with its default.

#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "machine/launch_plan.hh"
#include "machine/setting_flags.hh"
#include "storage/image_class.hh"
#include "storage/pool.hh"
#include "transfer/request.hh"

namespace slipway::cli {

enum class JsonForm {
    Off,
    Short,  ///< without blanks
    Pretty, ///< indented
    Auto,   ///< pretty on a terminal, short elsewhere
};

struct Options {
    bool help = false;
    bool version = false;
    bool debug = false;
    bool quiet = false;
    bool legend = true;
    bool all = false;
    JsonForm json = JsonForm::Off;
    std::filesystem::path pool = storage::kDefaultPool;
    bool pool_given = false; ///< even if it is the default: then the daemon is not asked
    storage::ImageClass image_class = storage::ImageClass::Machine;
    bool direct = false;
    bool yes = false;                    ///< do not ask
    bool exact = false;                  ///< walk trees to know how large they are
    bool value_only = false;             ///< of show-image
    std::vector<std::string> properties; ///< of show-image; none: all
    bool checksum = false;               ///< of an export: write SHA256SUMS
    std::optional<std::string> sign; ///< … and sign it with this key; empty: gpg's default one
    bool wait = true;                ///< for the end of a transfer
    std::uint32_t lines = 100;       ///< of the history
    /// --verify as given; without it a pull wants a signature, an import nothing.
    std::optional<std::string> verify;
    /// --keep-download as given; without it the daemon's configuration counts, else no.
    std::optional<bool> keep_download;
    struct Keys {
        std::vector<std::string> match;        ///< URLs, normalised: without passwords
        std::vector<std::string> fingerprints; ///< upper case, without blanks
        std::filesystem::path root = "/";      ///< in the place of "/"
    } keys;
    struct Machine {
        int signal = SIGTERM; ///< of kill
        bool kill_leader = false;
        bool make_target = false; ///< of bind
        bool follow = false;      ///< of log
        std::string name;         ///< empty: the image's
        std::optional<machine::EngineKind> engine;
        machine::Hardware hardware; ///< of a virtual one
        bool first_boot = true;     ///< it is told of one
        std::vector<std::string> ssh_keys;
        std::vector<std::string> packages;
        bool in_place = false;      ///< of run
        machine::SettingFlags said; ///< of the machine, above what a file says
    } machine;
    /// What options say about a job; verb, names and paths come from job_request.hh.
    transfer::Request job;
};

/// Where an image of the class is looked for: in a pool that was given alone.
inline std::vector<std::filesystem::path> searched(const Options& options) {
    return options.pool_given ? std::vector{options.pool}
                              : storage::search_path(options.image_class, options.pool);
}

} // namespace slipway::cli
