// An image in the making: hidden in the pool (".#slipway-ID") until it is committed. On-disk names,
// locks and crash states: docs/on-disk.md.

#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/fd.hh"
#include "base/verdict.hh"
#include "storage/image_name.hh"
#include "storage/pool.hh"
#include "storage/sibling.hh"

namespace slipway::storage {

enum class Replace { No, Yes };
enum class ReadOnly { No, Yes };

/// A directory or subvolume NAME, or the raw file NAME.raw.
enum class ImageKind { Tree, Disk };

struct StagingSpec {
    std::string id; ///< the request's 16 hexadecimal digits
    ImageName name;
    Replace replace = Replace::No;
    ReadOnly read_only = ReadOnly::No;
    /// Whether a subvolume is made where the file system has them; else a directory.
    bool subvolume = true;
    ImageKind kind = ImageKind::Tree;
    /// Of a tree: a subvolume on the pool's volume, opened O_RDONLY, that the staging begins as a
    /// snapshot of; -1: it begins empty. Borrowed.
    int snapshot_of = -1;
    /// Of a snapshot: whether files in it change until the commit, which then has to sync them.
    bool changes = false;
    /// Of a disk: a file on the pool's volume whose blocks it is to share, which on btrfs have to
    /// be copied on write in both or in none; -1: none. Borrowed.
    int shares_with = -1;
    /// The image that it is filled from, by its entry in its pool: locked (shared) from before
    /// anything is made to the end, so that nobody changes it. Null: none. Borrowed.
    const Pool* source_pool = nullptr;
    std::string source{};
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
/// Replace::Yes the exclusive lock of the image to be replaced; a disk also that of NAME.raw. The
/// destructor removes what was not committed.
class Staging {
public:
    /// Sweeps what dead jobs left in the pool, then makes the hidden directory, subvolume or file:
    /// empty, ours, without what the pool's directory would hand down (group, ACLs). A tree has
    /// mode 0755 at once; a disk 0600 until commit() gives it 0644, or 0444 as a read-only one.
    /// All that can be refused is refused here, before anything is fetched.
    /// @param pool  outlives it
    /// @throws Error Exists (the name is taken and replace is No, or by what is no image), Busy (in
    ///         use: names the holder; a mount in the image to be replaced), Denied, NoSpace (names
    ///         volume and what is free), Unsupported (the file system cannot rename without
    ///         overwriting, cannot exchange, or cannot hold the mark of a read-only image),
    ///         InvalidArgument
    Staging(const Pool& pool, StagingSpec spec);
    ~Staging();
    Staging(Staging&&) noexcept;

    /// The staging's directory (a tree; O_RDONLY) or file (a disk; O_RDWR), opened before anything
    /// was written in it. Borrowed.
    int root() const noexcept;
    ImageType type() const noexcept;
    /// For people, a line each: what the pool cannot hold, what could not be swept.
    const std::vector<std::string>& notes() const noexcept;

    /// What the image's own bytes have: Pool's are those of the directory, and a subvolume may have
    /// another quota.
    volume::FileSystem file_system() const;
    std::string space() const;

    /// An empty file without a name on the pool's volume, O_RDWR.
    /// @throws Error
    Fd make_scratch() const;

    /// A hidden, empty file that becomes NAME.SUFFIX (0644) beside the image, in the same
    /// recoverable step: O_RDWR. Asking again for one kind empties it. Borrowed.
    /// With Replace::No a file that stands under that name is kept and this one dropped at the
    /// commit: see kept_siblings(). With Replace::Yes it is replaced.
    /// @param kind  of a tree only Settings
    /// @throws Error Exists (the name is taken by what is no file), InvalidArgument (the name would
    ///         be too long), NoSpace
    int add_sibling(Sibling kind);
    /// What was added is not to appear after all.
    void drop_sibling(Sibling kind) noexcept;
    /// For people, a line each: siblings that were added and will not appear, since without
    /// --force the file that stands there is kept. To be told before commit().
    std::vector<std::string> kept_siblings() const;

    /// Copies of all that lies beside another image, and of the administrator's settings for it:
    /// exact but for the name, they appear with this one in the same recoverable step, or the
    /// commit fails.
    /// @param from   the pool of that image, which is locked
    /// @returns what will appear: names, and whole paths elsewhere
    /// @throws Error Exists: something stands under one of the new names; Denied: settings lie on a
    ///         read-only file system; NotFound: a link leads nowhere; NoSpace. Canceled
    std::vector<std::string> carry_siblings(const Pool& from, const Image& image,
                                            const std::stop_token& stop);

    /// Of a disk: when its content was made (the source's modification time). It becomes the file's
    /// time at the commit, and its time of creation in listings. Trees carry their own.
    void set_modified(std::chrono::sys_time<std::chrono::nanoseconds> when) noexcept;
    /// The same where an older time of creation is known. Microseconds since 1970.
    void set_created(std::int64_t created_us) noexcept;

    /// Whether the commit has data to sync: a snapshot that nothing was written in has none.
    bool has_data_to_sync() const noexcept;

    /// Makes the image appear under its name, in one step and durably: first provenance and mark
    /// are set and all is synced, then the name is moved (RENAME_NOREPLACE, or RENAME_EXCHANGE with
    /// Replace::Yes), then its siblings', then the pool's directory is synced. A replaced image is
    /// deleted before this returns, and with it those of its siblings, other than Settings, that
    /// this image does not bring; what of it cannot be is left to the next sweep. Takes seconds on
    /// a slow disk. Nothing of this object may be used afterwards.
    /// @param on_step  called before each step; may throw Canceled
    /// @returns the path of the image
    /// @throws Error  Exists: the name, or a sibling's, was taken meanwhile (never with
    ///         Replace::Yes); Busy: the image to be replaced came into use, or a lock file was
    ///         removed under us; NoSpace
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

/// Removes or completes what dead jobs left behind: hidden names of ours with a free lock, and lock
/// files of images that nobody holds. Foreign hidden files and live jobs are not touched. Never
/// throws for one leftover; says what it could not remove.
Swept sweep(const Pool& pool);

} // namespace slipway::storage
