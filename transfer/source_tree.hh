// The directory that import-fs brings in: the one tree that the keeper reads itself, since it reads
// no byte of it for its own sake.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/fd.hh"
#include "storage/pool.hh"

namespace slipway::transfer {

/// Opens a directory; of a symlink the one that it leads to.
/// @throws Error NotFound, Denied; Unsupported: no directory (names the verb that takes it)
Fd open_source_tree(const std::filesystem::path& path);

/// Takes what the caller has opened.
/// @throws Error InvalidArgument: none came, or it cannot be read; Unsupported as above
Fd adopt_source_tree(Fd fd);

/// Where it lies in our mount namespace.
std::filesystem::path path_of_tree(int source);

/// Refuses a tree that holds the pool, which would be copied into itself. The root of the host is
/// taken all the same: everything is below it, and the copy leaves the pool out.
/// @throws Error InvalidArgument; also for what is hidden in the pool, and the pool itself
void check_apart(int source, const storage::Pool& pool);

/// What a tree holds.
struct TreeUsage {
    std::uint64_t size_bytes = 0;
    std::uint64_t inodes = 0;
};

/// Known at once for the whole of an ext4 or xfs file system other than the pool's; nothing for
/// other trees, which would have to be walked.
std::optional<TreeUsage> find_usage(int source, const storage::Pool& pool);

} // namespace slipway::transfer
