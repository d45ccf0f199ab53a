// What is doubtful does not count: a key in the file of a wrong drop-in, or one whose number alone
// is that of a minisign key that is pinned.

#include "verify/key_scope.hh"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quoted.hh"

namespace slipway::verify {
namespace {

using Strings = std::set<std::string>;

bool holds_one_of(const std::vector<std::string>& rings, const Strings& files) {
    return std::any_of(rings.begin(), rings.end(),
                       [&files](const std::string& ring) { return files.contains(ring); });
}

// "'ubuntu.conf' and 'own.conf'"
std::string names_of(const std::vector<std::string>& drop_ins) {
    std::vector<std::string> names;
    std::transform(drop_ins.begin(), drop_ins.end(), std::back_inserter(names),
                   [](const std::string& name) { return quoted(name); });
    return fmt::format("{}", fmt::join(names, " and "));
}

} // namespace

std::string KeyScope::objection(const Signature& signature) const {
    if (signature.primary.empty()) {
        return {};
    }
    for (const std::string& ring : signature.rings) {
        if (const auto closed = rules_.closed_files.find(ring);
            closed != rules_.closed_files.end()) {
            return fmt::format("it lies in {}, whose drop-in {} is wrong", quoted(ring),
                               quoted(closed->second));
        }
    }
    const auto counted = rules_.counted.find(signature.primary);
    if (counted != rules_.counted.end() &&
        (counted->second.empty() || holds_one_of(signature.rings, counted->second))) {
        return {};
    }
    if (const auto bound = rules_.bound.find(signature.primary);
        bound != rules_.bound.end() && counted == rules_.counted.end()) {
        return fmt::format("{} pins it to another place", quoted(bound->second));
    }
    if (is_reserved()) {
        return fmt::format("this place is reserved for another key by {}",
                           names_of(rules_.reserved_by));
    }
    const auto is_bound = [this](const std::string& ring) {
        return rules_.bound_files.contains(ring);
    };
    if (!signature.rings.empty() &&
        std::all_of(signature.rings.begin(), signature.rings.end(), is_bound)) {
        return fmt::format("{} does not name it among the keys of its file",
                           quoted(rules_.bound_files.at(signature.rings.front())));
    }
    return {};
}

bool KeyScope::accepts_expired(const Signature& signature) const {
    return rules_.accept_expired.contains(signature.primary) && objection(signature).empty();
}

} // namespace slipway::verify
