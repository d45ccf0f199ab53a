// Of one key only the worst is told: a revoked one need not be said to expire.

#include "cli/key_check.hh"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/json.hh"
#include "base/quoted.hh"
#include "cli/key_text.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::system_clock;

constexpr int kIndent = 4;
constexpr std::chrono::days kNotice{30};

std::string name_of(const verify::ListedKey& key) {
    return key.owners.empty() ? key.fingerprint
                              : fmt::format("{} ({})", key.fingerprint, key.owners.front());
}

// "in 12 days", "in 1 day", "today"
std::string distance(std::int64_t seconds, system_clock::time_point now) {
    const auto days =
        std::chrono::duration_cast<std::chrono::days>(system_clock::from_time_t(seconds) - now)
            .count();
    return days == 0 ? "within a day" : fmt::format("in {} day{}", days, days == 1 ? "" : "s");
}

// What its dates say; nothing when none is near.
std::optional<KeyFinding> date_finding(const verify::ListedKey& key, system_clock::time_point now) {
    const bool whole = key.expires != 0 && (key.signs_until == 0 || key.expires <= key.signs_until);
    const std::int64_t end = whole ? key.expires : key.signs_until;
    const auto at = system_clock::from_time_t(end);
    if (end == 0 || at > now + kNotice) {
        return std::nullopt;
    }
    const std::string date = key_date(end);
    const std::string_view advice = "refresh the key file";
    if (at <= now) {
        return KeyFinding{"expired", key.fingerprint,
                          whole
                              ? fmt::format("key {} expired on {}: {}", name_of(key), date, advice)
                              : fmt::format("key {} has no subkey that can sign since {}: {}",
                                            name_of(key), date, advice)};
    }
    const std::string when = fmt::format("on {}, {}", date, distance(end, now));
    return KeyFinding{"expires", key.fingerprint,
                      whole ? fmt::format("key {} expires {}: {}", name_of(key), when, advice)
                            : fmt::format("the last subkey that signs of key {} expires {}: {}",
                                          name_of(key), when, advice)};
}

std::optional<KeyFinding> finding_of(const verify::ListedKey& key, system_clock::time_point now) {
    if (key.revoked) {
        return KeyFinding{"revoked", key.fingerprint,
                          fmt::format("key {} was revoked", name_of(key))};
    }
    if (key.weak) {
        return KeyFinding{"weak", key.fingerprint,
                          fmt::format("key {} is weak ({}): its signatures do not count",
                                      name_of(key), key.algorithm)};
    }
    return date_finding(key, now);
}

// Whether the list has the key where the drop-in would take it from.
bool is_held(const std::string& fingerprint, const verify::KeyBinding& binding,
             const verify::KeyList& list) {
    return std::any_of(list.keys.begin(), list.keys.end(), [&](const verify::ListedKey& key) {
        const bool number = verify::is_key_number(fingerprint);
        return key.fingerprint == fingerprint &&
               (!number || std::find(key.files.begin(), key.files.end(), binding.file.string()) !=
                               key.files.end());
    });
}

} // namespace

std::vector<KeyFinding> check_keys(const verify::KeyStore& store, const verify::KeyList& list,
                                   system_clock::time_point now) {
    std::vector<KeyFinding> findings;
    for (const verify::ListedKey& key : list.keys) {
        if (auto finding = finding_of(key, now)) {
            findings.push_back(std::move(*finding));
        }
    }
    for (const std::string& warning : list.warnings) {
        findings.push_back({"unreadable", "", warning});
    }
    for (const std::string& warning : store.warnings) {
        findings.push_back({"wrong-drop-in", "", warning});
    }
    for (const verify::KeyBinding& binding : store.bindings) {
        for (const std::string& fingerprint : binding.fingerprints) {
            if (!is_held(fingerprint, binding, list)) {
                findings.push_back({"missing-key", fingerprint,
                                    fmt::format("{} pins {}, which no key file holds",
                                                quoted(binding.conf.native()), fingerprint)});
            }
        }
    }
    return findings;
}

std::string key_findings(const std::vector<KeyFinding>& findings) {
    std::string out;
    for (const KeyFinding& finding : findings) {
        out += finding.text + "\n";
    }
    return out;
}

std::string key_findings_json(const std::vector<KeyFinding>& findings, bool pretty) {
    Json all = Json::array();
    for (const KeyFinding& finding : findings) {
        all.push_back(
            {{"problem", finding.problem},
             {"fingerprint", finding.fingerprint.empty() ? Json() : Json(finding.fingerprint)},
             {"text", finding.text}});
    }
    return all.dump(pretty ? kIndent : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace slipway::cli
