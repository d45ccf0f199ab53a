// Names of documents that no rule can guess, as data that an administrator can add to
// (docs/verification.md, "Profiles of publishers").

#pragma once

#include <filesystem>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "base/url.hh"

namespace slipway::verify {

/// What one profile says: of files with such names these documents may speak.
struct ProfileRule {
    std::regex file;                    ///< has to match the whole name
    std::vector<std::string> hosts;     ///< of the URL; empty: of any, since mirrors have their own
    std::vector<std::string> documents; ///< names, with $1 … $9 for what the parentheses matched
};

struct PublisherProfiles {
    std::vector<ProfileRule> rules;
    std::vector<std::string> warnings; ///< profiles that are wrong, and where

    /// Names of documents beside this image, in the order in which they are looked for.
    std::vector<std::string> documents(const Url& image) const;
};

/// Adds the rules of one profile. Of a wrong one nothing is taken, and a warning says why.
/// @param name  for the warning
void add_profile(PublisherProfiles& profiles, std::string_view text, const std::string& name);

/// Of /etc/slipway/publishers.d, /run/slipway/publishers.d and those that came with the programs:
/// *.conf in the order of their names; one in an earlier place hides or masks one of the same name.
PublisherProfiles load_publisher_profiles();
/// The same from these places.
PublisherProfiles load_publisher_profiles(const std::vector<std::filesystem::path>& directories);

} // namespace slipway::verify
