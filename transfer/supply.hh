// Files of one pull, whichever way they come: from a server by slipway-fetch, for a file: URL from
// this host's disk, opened by the keeper, or offline from the kept downloads.

#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/url.hh"
#include "fetch/fetcher.hh"
#include "transfer/delivery.hh"
#include "transfer/input.hh"
#include "transfer/job.hh"
#include "transfer/kept.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

/// A file that is there to be taken.
struct Offer {
    std::variant<Download, Input> bytes;
    std::optional<std::uint64_t> length_bytes;
    std::optional<ModificationTime> modified;
    bool open_ended = false; ///< nothing tells its end from a cut
};

/// What is at hand.
Offer offer_of(Input input);

class Supply {
public:
    /// Starts slipway-fetch where the image's URL needs one.
    /// @throws Error  also as Kept::Kept()
    Supply(const Job& job, const Url& image);

    Kept& kept() noexcept { return kept_; }

    /// A document or signature of at most `limit_bytes`.
    /// @throws Error  as verify::Library::fetch(); offline see Kept::document()
    verify::Library::Answer document(const Url& url, std::uint64_t limit_bytes, fetch::Cache cache);
    /// See verify::Library::expect().
    void expect(const std::vector<verify::Library::Ahead>& next, fetch::Cache cache);

    /// What the server says of a file without sending it.
    /// @throws Error  as fetch::Fetcher::look(); offline NotFound
    std::variant<fetch::Head, fetch::Status> look(const Url& url, fetch::Cache cache);

    /// An offer, or the server's answer that has none: see Beginning. A file of this host is
    /// offered, or an error; offline a file that lies beside the image.
    using Answer = std::variant<Offer, fetch::Status, fetch::Changed>;
    /// @param limit_bytes  as for begin_download()
    /// @throws Error  Network, Limit, NotFound, Denied; Canceled
    Answer ask(const Url& url, std::uint64_t limit_bytes, fetch::Cache cache);

    /// Nothing when the content changed on the server.
    /// @throws Error  as unpack_download()
    std::optional<pull::UnpackDone> take(Offer offer, const pull::UnpackRequest& request,
                                         const Target& target);

private:
    fetch::Fetcher& fetcher(const Url& url);

    const Job& job_;
    Kept kept_;
    std::optional<fetch::Fetcher> fetcher_;
};

/// What a server has now, for the kept download that came from there; nothing when it has nothing.
/// @throws Error  as Supply::look()
std::optional<cache::Validators> find_validators(Supply& supply, const Url& url,
                                                 fetch::Cache cache);

} // namespace slipway::transfer
