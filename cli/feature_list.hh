// What the programs say of this host, as one table and as one JSON object (docs/protocol.md §5).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/text_table.hh"

namespace slipway::cli {

/// One program's answer to "features".
struct ProgramFeatures {
    std::string program{};
    std::string json{};    ///< what it printed
    std::string problem{}; ///< why it printed nothing that can be used; else empty
};

/// One line of the table.
struct Feature {
    std::string kind; ///< "fence", "engine", "file system" …
    std::string name;
    std::string program;
    bool here = false;
    std::string detail{}; ///< a version; for what is missing, what would bring it
    friend bool operator==(const Feature&, const Feature&) = default;
};

/// In the order of the programs' answers. An answer that cannot be read is one line that says so.
std::vector<Feature> features_of(const std::vector<ProgramFeatures>& answers);

std::string feature_list(const std::vector<Feature>& features, bool legend, bool terminal);

/// An object with each program's answer under its name, or with {"problem": …} in its place.
std::string feature_list_json(const std::vector<ProgramFeatures>& answers, bool pretty);

} // namespace slipway::cli
