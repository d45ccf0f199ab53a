// Kept downloads as people and programs read them.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cache/prune.hh"
#include "cache/store.hh"

namespace slipway::cli {

/// One line of the list.
struct ListedDownload {
    std::string sha256;
    std::uint64_t size_bytes = 0; ///< of all its files
    std::int64_t used_at = 0;     ///< seconds since 1970
    /// Where it came from, newest first: without papers and companions.
    std::vector<cache::Publication> publications;
};

/// By the time of their last use, newest first. One that is being removed is left out.
std::vector<ListedDownload> list_downloads(const cache::Store& store);

/// Of those the ones whose digest begins so; "sha256-" may stand in front.
/// @throws Error  InvalidArgument: it is no beginning of a digest, or of several; NotFound
const ListedDownload& find_download(const std::vector<ListedDownload>& all,
                                    const std::string& digest);

std::string download_list(const std::vector<ListedDownload>& all, bool legend, bool terminal);
std::string download_list_json(const std::vector<ListedDownload>& all, bool pretty);

/// @param swept_bytes  of what dead jobs have left
std::string prune_text(const std::vector<cache::Removed>& removed, std::uint64_t swept_bytes);
std::string prune_json(const std::vector<cache::Removed>& removed, std::uint64_t swept_bytes,
                       bool pretty);

} // namespace slipway::cli
