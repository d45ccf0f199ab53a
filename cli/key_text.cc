// Where a key counts is asked of the same rules that a pull asks, so that the list cannot promise
// what a pull refuses.

#include "cli/key_text.hh"

#include <ctime>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.hh"
#include "cli/text_table.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 4;
constexpr std::int64_t kMicroseconds = 1'000'000;

std::string joined(const std::vector<std::string>& words, std::string_view without) {
    return words.empty() ? std::string(without) : fmt::format("{}", fmt::join(words, ", "));
}

std::string expiry_of(const verify::ListedKey& key) {
    if (key.revoked) {
        return "revoked";
    }
    return key.expires == 0 ? "never" : key_date(key.expires);
}

Row row_of(const verify::ListedKey& key, const verify::KeyStore& store) {
    const KeyReach reach = reach_of(key, store);
    return {key.fingerprint, key.owners.empty() ? "-" : key.owners.front(), expiry_of(key),
            reach.everywhere ? "-" : joined(reach.places, "nowhere"), joined(key.files, "-")};
}

Json time_or_null(std::int64_t seconds) {
    return seconds == 0 ? Json() : Json(seconds * kMicroseconds);
}

} // namespace

std::string key_date(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    return fmt::format("{:%Y-%m-%d}", parts);
}

KeyReach reach_of(const verify::ListedKey& key, const verify::KeyStore& store) {
    verify::Signature by_it;
    by_it.primary = key.fingerprint;
    by_it.rings = key.files;
    KeyReach reach;
    reach.everywhere = store.scope_elsewhere().objection(by_it).empty();
    if (reach.everywhere) {
        return reach;
    }
    std::set<std::string> places;
    for (const verify::KeyBinding& binding : store.bindings) {
        for (const std::string& prefix : binding.prefixes) {
            if (store.scope(Url::parse(prefix + "/")).objection(by_it).empty()) {
                places.insert(prefix + "/");
            }
        }
    }
    reach.places.assign(places.begin(), places.end());
    return reach;
}

std::string key_list(const verify::KeyList& list, const verify::KeyStore& store, bool legend,
                     bool terminal) {
    if (list.keys.empty()) {
        return legend ? "No keys.\n" : "";
    }
    std::vector<Row> rows;
    for (const verify::ListedKey& key : list.keys) {
        rows.push_back(row_of(key, store));
    }
    const std::string table = text_table({"FINGERPRINT", "OWNER", "EXPIRES", "PINNED-TO", "FILE"},
                                         rows, {legend, terminal});
    return legend ? fmt::format("{}\n{} keys listed.\n", table, list.keys.size()) : table;
}

std::string key_list_json(const verify::KeyList& list, const verify::KeyStore& store, bool pretty) {
    Json all = Json::array();
    for (const verify::ListedKey& key : list.keys) {
        const KeyReach reach = reach_of(key, store);
        all.push_back({{"fingerprint", key.fingerprint},
                       {"kind", key.kind},
                       {"owners", key.owners},
                       {"algorithm", key.algorithm},
                       {"created", time_or_null(key.created)},
                       {"expires", time_or_null(key.expires)},
                       {"signs_until", time_or_null(key.signs_until)},
                       {"revoked", key.revoked},
                       {"weak", key.weak},
                       {"pinned_to", reach.everywhere ? Json() : Json(reach.places)},
                       {"files", key.files}});
    }
    return all.dump(pretty ? kIndent : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string key_card(const verify::ListedKey& key) {
    std::string out = fmt::format("Fingerprint: {}\n", key.fingerprint);
    for (const std::string& owner : key.owners) {
        out += fmt::format("      Owner: {}\n", owner);
    }
    out += fmt::format("       Kind: {}, {}{}\n", key.kind, key.algorithm,
                       key.weak ? ", which is weak" : "");
    if (key.created != 0) {
        out += fmt::format("    Created: {}\n", key_date(key.created));
    }
    out += fmt::format("    Expires: {}\n", expiry_of(key));
    if (key.signs_until != 0 && (key.expires == 0 || key.signs_until < key.expires)) {
        out += fmt::format("Signs until: {}\n", key_date(key.signs_until));
    }
    return out;
}

} // namespace slipway::cli
