// Files of one pull, whichever way they come: from a server by slipway-fetch, or for a file: URL
// from this host's disk, opened by the keeper.

#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/url.hh"
#include "fetch/fetcher.hh"
#include "transfer/delivery.hh"
#include "transfer/input.hh"
#include "transfer/job.hh"

namespace slipway::transfer {

/// A file that is there to be taken.
struct Offer {
    std::variant<Download, Input> bytes;
    std::optional<std::uint64_t> length_bytes;
    std::optional<ModificationTime> modified;
    bool open_ended = false; ///< nothing tells its end from a cut
};

class Supply {
public:
    /// Starts slipway-fetch where the image's URL needs one. @throws Error
    Supply(const Job& job, const Url& image);

    /// Nothing for file: URLs.
    fetch::Fetcher* fetcher() noexcept { return fetcher_ ? &*fetcher_ : nullptr; }

    /// An offer, or the server's answer that has none: see Beginning. A file of this host is
    /// offered, or an error.
    using Answer = std::variant<Offer, fetch::Status, fetch::Changed>;
    /// @param limit_bytes  as for begin_download()
    /// @throws Error  Network, Limit, NotFound, Denied; Canceled
    Answer ask(const Url& url, std::uint64_t limit_bytes, fetch::Cache cache);

    /// Nothing when the content changed on the server.
    /// @throws Error  as unpack_download()
    std::optional<pull::UnpackDone> take(Offer offer, const pull::UnpackRequest& request,
                                         const Target& target);

private:
    const Job& job_;
    std::optional<fetch::Fetcher> fetcher_;
};

} // namespace slipway::transfer
