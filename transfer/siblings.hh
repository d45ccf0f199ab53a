// The files that lie beside an image that is pulled: asked for, written into the staging, judged by
// the documents that vouch for the image.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/url.hh"
#include "storage/staging.hh"
#include "transfer/inquest.hh"
#include "transfer/job.hh"
#include "transfer/keeping.hh"
#include "transfer/supply.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

/// Those to ask for, in this order. With a digest as --verify none: it vouches for the image alone.
std::vector<storage::Sibling> wanted_siblings(const Request& request, verify::Mode mode);

/// The name on the server of what lies beside the image of this URL: the image's file name without
/// suffixes, and the sibling's. Empty when nothing is left of the name.
std::string remote_sibling_name(const Url& image, storage::Sibling kind, Verb verb);

/// How long a hash tree over that much disk can be: dm-verity's blocks of data and hashes have at
/// least 512 bytes, a digest at most 64, so that each level has an eighth of the one below it;
/// with room for the superblock and a block for each level.
std::uint64_t verity_limit(std::uint64_t disk_bytes) noexcept;

/// One attempt's. Small ones are brought before the image, so that a refusal costs a second; the
/// hash tree after it, since its length depends on the disk's.
class Siblings {
public:
    /// What judging and fetching take.
    struct Means {
        Supply& supply;
        fetch::Cache cache; ///< LookAgain: of the second attempt, after which there is no other
        const Inquest& inquest;
        verify::Library& library;
        Keeping& keeping;
    };
    /// @param staging  they become part of; must outlive this
    Siblings(const Job& job, Url image, const Means& means, storage::Staging& staging);

    /// False: the server's files are of two versions, all has to be fetched again.
    /// @throws Error  one of them cannot be had, though it may be there; it is too large; a
    ///                statement contradicts it; Canceled
    bool bring_small();
    bool bring_verity(std::uint64_t disk_bytes);

    /// Those that the staging holds.
    const std::vector<storage::Sibling>& brought() const noexcept { return brought_; }
    /// Says, once for all, which were left out since nothing vouches for them.
    void tell_left_out() const;

private:
    bool bring(storage::Sibling kind, std::uint64_t limit_bytes);
    struct Staged {
        pull::UnpackDone done;
        int file = -1; ///< the staging's
    };
    std::optional<Staged> fetch(storage::Sibling kind, const Url& url, std::uint64_t limit_bytes);
    std::optional<Staged> take(storage::Sibling kind, const Url& url, Offer offer,
                               std::uint64_t limit_bytes);
    std::optional<Staged> take_kept(storage::Sibling kind, const Url& url);
    enum class Fit { Vouched, NotVouched, OtherVersion };
    Fit judge(const Url& url, const Staged& staged);

    const Job& job_;
    Url image_;
    Means means_;
    storage::Staging& staging_;
    std::vector<storage::Sibling> wanted_;
    std::vector<storage::Sibling> brought_;
    std::vector<std::string> left_out_;
};

} // namespace slipway::transfer
