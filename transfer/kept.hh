// What of one pull is there already: the entry of the cache that has the image, and what was kept
// beside it. It proves nothing: documents and bytes are judged as if a server had sent them.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/error.hh"
#include "base/url.hh"
#include "cache/store.hh"
#include "fetch/wire.hh"
#include "transfer/input.hh"
#include "transfer/job.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

class Kept {
public:
    /// Of a pull; of other jobs, and without a cache, nothing is ever found.
    /// @throws Error  offline: NotFound: nothing was kept of this image; Denied: the cache is
    ///                somebody else's, which online is no more than a notice
    Kept(const Job& job, const Url& image);

    /// No server is asked: everything comes from here. Never for a file of this host.
    bool is_offline() const noexcept { return offline_; }

    /// The entry that has the image: the one of these digests; where nothing is known of them, the
    /// one that came from this URL, if the server still has that version; offline always the one
    /// that was found first. Null: there is none. Valid until discard().
    /// @param expected  verify::Judge::expected()
    /// @param ask       asks the server what it has now; nothing when it has nothing
    const cache::Entry* find_image(const stream::Digests& expected,
                                   const std::function<std::optional<cache::Validators>()>& ask);
    /// When the server changed the image last, as it said when it was kept.
    std::optional<ModificationTime> modified() const;

    /// The entry's content is not what it was: throws it away.
    void discard();

    /// Offline, what a server said of a document when the image was kept. One that was not asked
    /// for then is not there: without it less is proven, never more.
    verify::Library::Answer document(const Url& url, std::uint64_t limit_bytes);
    /// Of a file beside the image. @throws Error NotFound: it was not asked for then
    std::variant<Input, fetch::Status> file(const Url& url) const;
    /// To be called in a catch block around the judging of documents: says which of them may be
    /// missing here alone.
    void explain(Error& error) const;

    /// A file beside the image that came with it; null where that is not known of it. After
    /// find_image().
    const cache::Companion* companion(const Url& url) const;
    /// Its bytes; nothing when they cannot be had.
    std::optional<Input> open(const cache::Companion& companion) const;

private:
    const cache::Publication* publication() const;
    Error missing(std::string_view what) const;

    const Job& job_;
    std::string address_; ///< of the image
    std::string shown_;   ///< its masked URL
    bool offline_ = false;
    std::optional<cache::Store> store_;
    std::string unasked_;               ///< the first document that was not asked for
    std::optional<cache::Entry> entry_; ///< that is used: nobody removes it meanwhile
};

} // namespace slipway::transfer
