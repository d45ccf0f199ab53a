// An image in the making: hidden in the pool (".#slipway-ID") until it is committed. On-disk names,
// locks and crash states: docs/on-disk.md.

#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/verdict.hh"
#include "storage/image_name.hh"
#include "storage/pool.hh"

namespace slipway::storage {

enum class Replace { No, Yes };
enum class ReadOnly { No, Yes };

struct StagingSpec {
    std::string id; ///< the request's 16 hexadecimal digits
    ImageName name;
    Replace replace = Replace::No;
    ReadOnly read_only = ReadOnly::No;
    /// Whether a subvolume is made where the file system has them; else a directory.
    bool subvolume = true;
};

inline constexpr const char* kOriginAttribute = "user.slipway.origin";
inline constexpr std::size_t kMaxProvenanceBytes = 2048;

/// Where an image came from; stored with it as the attribute kOriginAttribute. Shown, never trusted
/// for a decision.
struct Provenance {
    std::string json; ///< up to kMaxProvenanceBytes
};

/// What commit() is doing; cancellation is possible until Rename.
enum class CommitStep { Sync, Rename };

/// Holds, from its making on: the lock of the staging, the lock of the name, and with
/// Replace::Yes the exclusive lock of the image to be replaced. The destructor removes what was
/// not committed.
class Staging {
public:
    /// Sweeps what dead jobs left in the pool, then makes the hidden directory or subvolume: empty,
    /// ours, mode 0755, without what the pool's directory would hand down (group, ACLs). All that
    /// can be refused is refused here, before anything is fetched.
    /// @param pool  outlives it
    /// @throws Error Exists (the name is taken and replace is No, or by what is no image), Busy (in
    ///         use: names the holder; a mount in the image to be replaced), Denied, NoSpace (names
    ///         volume and what is free), Unsupported (the file system cannot rename without
    ///         overwriting, cannot exchange, or cannot hold the mark of a read-only image),
    ///         InvalidArgument
    Staging(const Pool& pool, StagingSpec spec);
    ~Staging();
    Staging(Staging&&) noexcept;

    /// The staging's directory, opened O_RDONLY before anything was written in it. Borrowed.
    int root() const noexcept;
    ImageType type() const noexcept;
    /// For people, a line each: what the pool cannot hold, what could not be swept.
    const std::vector<std::string>& notes() const noexcept;

    /// Makes the image appear under its name, in one step and durably: first provenance and mark
    /// are set and all is synced, then the name is moved (RENAME_NOREPLACE, or RENAME_EXCHANGE with
    /// Replace::Yes), then the pool's directory is synced. A replaced image is deleted before this
    /// returns; what of it cannot be is left to the next sweep. Takes seconds on a slow disk.
    /// Nothing of this object may be used afterwards.
    /// @param on_step  called before each step; may throw Canceled
    /// @returns the path of the image
    /// @throws Error  Exists: the name was taken meanwhile (never with Replace::Yes); Busy: the
    ///         image to be replaced came into use, or a lock file was removed under us; NoSpace
    std::filesystem::path commit(const Verdict& verdict, const Provenance& provenance,
                                 const std::function<void(CommitStep)>& on_step) &&;

private:
    struct State;
    std::unique_ptr<State> state_;
};

struct Swept {
    unsigned removed = 0;   ///< stagings, and images that had lost their name
    unsigned completed = 0; ///< plans carried to their end
    std::vector<std::string> problems;
};

/// Removes or completes what dead jobs left behind: hidden names of ours with a free lock. Foreign
/// hidden files and live jobs are not touched. Never throws for one leftover; says what it could
/// not remove.
Swept sweep(const Pool& pool);

} // namespace slipway::storage
