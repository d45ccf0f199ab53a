// The keys of importd.conf, declared once: what reads the files, importd.conf(5) and the commented
// sample are made from this table, and tests/jobs/config_test.cc fails when a default parts from
// it.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/config.hh"

namespace slipway::jobs {

struct KeySpec {
    std::string_view section;
    std::string_view name;
    std::string_view value;      ///< the word for its value in the manual ("SIZE")
    std::string_view fallback{}; ///< the default as one would type it; empty: none, or in the help
    std::string_view unit{};     ///< what the value is counted in when it is a bare number
    std::string_view help;       ///< sentences, the last without full stop
    /// Puts the value in; an empty one puts the default back.
    /// @throws Error InvalidArgument: what was expected and found
    void (*apply)(Config&, std::string_view value) = nullptr;
};

std::span<const KeySpec> key_table() noexcept;
/// Nothing for what is no key. Sections and keys are told apart by their case, as systemd does.
const KeySpec* find_key(std::string_view section, std::string_view name) noexcept;
/// In the order of the table, each once.
std::vector<std::string> config_sections();
/// Names of the keys of one section.
std::vector<std::string> keys_of(std::string_view section);

/// importd.conf(5).
std::string config_manual(std::string_view version);
/// What is installed as /etc/slipway/importd.conf: every key with its default, commented out.
std::string config_sample();

} // namespace slipway::jobs
