// All that btrfs quota counts on one file system, and the few ways in which it is changed. Nothing
// here switches it on but enable_quota().

#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace slipway::volume {

/// Bytes, as of the last commit of the file system.
struct Qgroup {
    std::uint64_t referenced = 0;                 ///< shared with others or not
    std::uint64_t exclusive = 0;                  ///< shared with no subvolume outside of the group
    std::optional<std::uint64_t> limit;           ///< of `referenced`
    std::optional<std::uint64_t> exclusive_limit; ///< of `exclusive`
};

struct QuotaTable {
    /// Simple quotas: each extent counts in the subvolume that wrote it, since they were switched
    /// on; so they do not tell how much room a subvolume takes.
    bool simple = false;
    bool settled = true; ///< no rescan runs, and none is needed
    std::unordered_map<std::uint64_t, Qgroup> groups;
    std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> parents; ///< directly above

    /// The highest group above a subvolume that bears its number, which counts what is nested in
    /// it, too; else the subvolume's own.
    std::uint64_t subtree_group(std::uint64_t subvolume) const;
    const Qgroup* find(std::uint64_t group) const;
};

/// Nothing where quota is off, or where we may not look (CAP_SYS_ADMIN).
std::optional<QuotaTable> read_quota(int fd);

/// The group of that level with a subvolume's number: "255/257".
constexpr std::uint64_t qgroup_of(std::uint64_t level, std::uint64_t subvolume) noexcept {
    return level << 48 | subvolume;
}

enum class QuotaKind { Simple, Full };

/// Switches quota on: simple quotas where the kernel has them (6.7), which cost next to nothing,
/// else full ones, whose first count is waited for.
/// @throws Error
QuotaKind enable_quota(int fd);

/// Counts everything anew and waits for it; nothing to do for simple quotas.
/// @throws Error
void recount_quota(int fd);

/// @param limit_bytes  of what is referenced; nothing: without limit
/// @throws Error
void limit_qgroup(int fd, std::uint64_t group, std::optional<std::uint64_t> limit_bytes);

/// One that is there already stays as it is.
/// @throws Error
void make_qgroup(int fd, std::uint64_t group);

/// Makes `parent` count what `group` counts.
/// @returns true when everything has to be counted anew for the figures to be right
/// @throws Error
bool put_qgroup_under(int fd, std::uint64_t group, std::uint64_t parent);

} // namespace slipway::volume
