// The first digits of a digest are enough to name it by, as long as no other has them.

#include "cli/cache_text.hh"

#include <algorithm>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/image_list.hh"
#include "cli/text_table.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 4;
constexpr std::size_t kShownDigits = 16;
constexpr std::int64_t kMicroseconds = 1'000'000;

Row row_of(const ListedDownload& one) {
    const bool known = !one.publications.empty();
    const cache::Publication from = known ? one.publications.front() : cache::Publication();
    return {one.sha256.substr(0, kShownDigits),
            known ? escaped(from.url) : "-",
            format_size(one.size_bytes),
            known ? format_time(from.kept_at * kMicroseconds) : "-",
            format_time(one.used_at * kMicroseconds),
            known ? escaped(from.verdict) : "-"};
}

Json json_of(const ListedDownload& one) {
    Json places = Json::array();
    for (const cache::Publication& from : one.publications) {
        places.push_back(
            {{"url", from.url},
             {"kept", from.kept_at * kMicroseconds},
             {"verdict", from.verdict},
             {"etag", from.etag.empty() ? Json() : Json(from.etag)},
             {"last_modified",
              from.last_modified ? Json(*from.last_modified * kMicroseconds) : Json()}});
    }
    return {{"digest", std::string(cache::kEntryPrefix) + one.sha256},
            {"size", one.size_bytes},
            {"used", one.used_at * kMicroseconds},
            {"from", places}};
}

std::uint64_t freed(const std::vector<cache::Removed>& removed, std::uint64_t swept_bytes) {
    return std::accumulate(
        removed.begin(), removed.end(), swept_bytes,
        [](std::uint64_t sum, const cache::Removed& one) { return sum + one.freed_bytes; });
}

} // namespace

std::vector<ListedDownload> list_downloads(const cache::Store& store) {
    std::vector<ListedDownload> all;
    for (const std::string& name : store.entry_names()) {
        if (const auto entry = cache::Entry::find(store.fd(), name)) {
            all.push_back(
                {entry->sha256(), entry->room_bytes(), entry->used_at(), entry->publications()});
        }
    }
    std::sort(all.begin(), all.end(), [](const ListedDownload& a, const ListedDownload& b) {
        return a.used_at > b.used_at;
    });
    return all;
}

const ListedDownload& find_download(const std::vector<ListedDownload>& all,
                                    const std::string& digest) {
    const std::string digits = digest.starts_with(cache::kEntryPrefix)
                                   ? digest.substr(cache::kEntryPrefix.size())
                                   : digest;
    if (digits.empty() || digits.find_first_not_of("0123456789abcdef") != std::string::npos) {
        throw Error(Kind::InvalidArgument,
                    "{} is no digest; expected hexadecimal digits as slipway cache list shows "
                    "them; nothing was removed",
                    quoted(digest));
    }
    const ListedDownload* found = nullptr;
    for (const ListedDownload& one : all) {
        if (!one.sha256.starts_with(digits)) {
            continue;
        }
        if (found != nullptr) {
            throw Error(Kind::InvalidArgument,
                        "several digests begin with {}; nothing was removed. Give more of it",
                        quoted(digits));
        }
        found = &one;
    }
    if (found == nullptr) {
        throw Error(Kind::NotFound,
                    "there is no kept download of digest {}; nothing was removed. See slipway "
                    "cache list",
                    quoted(digest));
    }
    return *found;
}

std::string download_list(const std::vector<ListedDownload>& all, bool legend, bool terminal) {
    if (all.empty()) {
        return legend ? "No kept downloads.\n" : "";
    }
    std::vector<Row> rows;
    for (const ListedDownload& one : all) {
        rows.push_back(row_of(one));
    }
    const std::string table =
        text_table({"DIGEST", "URL", "SIZE", "KEPT", "USED", "VERDICT"}, rows, {legend, terminal});
    return legend ? fmt::format("{}\n{} kept downloads listed.\n", table, all.size()) : table;
}

std::string download_list_json(const std::vector<ListedDownload>& all, bool pretty) {
    Json list = Json::array();
    for (const ListedDownload& one : all) {
        list.push_back(json_of(one));
    }
    return list.dump(pretty ? kIndent : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string prune_text(const std::vector<cache::Removed>& removed, std::uint64_t swept_bytes) {
    std::string text;
    for (const cache::Removed& one : removed) {
        text += fmt::format("Removed {}, {} freed.\n", one.name, format_size(one.freed_bytes));
    }
    if (swept_bytes != 0) {
        text += fmt::format("Removed what dead transfers have left, {} freed.\n",
                            format_size(swept_bytes));
    }
    return text + fmt::format("{} kept downloads removed, {} freed.\n", removed.size(),
                              format_size(freed(removed, swept_bytes)));
}

std::string prune_json(const std::vector<cache::Removed>& removed, std::uint64_t swept_bytes,
                       bool pretty) {
    Json list = Json::array();
    for (const cache::Removed& one : removed) {
        list.push_back({{"digest", one.name}, {"freed", one.freed_bytes}});
    }
    const Json all{{"removed", list}, {"freed", freed(removed, swept_bytes)}};
    return all.dump(pretty ? kIndent : -1) + "\n";
}

} // namespace slipway::cli
