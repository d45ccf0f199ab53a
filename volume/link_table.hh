// Which inodes of a source have been copied, for those that have more than one name: the names that
// come later become hard links.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>

#include "volume/inode_id.hh"

namespace slipway::volume {

/// A name in the copy.
struct CopiedName {
    std::string directory; ///< relative to the root; empty: the root
    std::string name;
};

/// Any number of threads. An inode is forgotten with its last name.
class LinkTable {
public:
    explicit LinkTable(std::stop_token stop) : stop_(std::move(stop)) {}

    /// Where the inode has been copied to. Nothing: the caller is the first, copies it, and says
    /// made() as soon as its name is there; whoever asks meanwhile waits.
    /// @param names  how many the inode has
    /// @throws Canceled
    std::optional<CopiedName> find_or_claim(const InodeId& id, std::uint64_t names);
    void made(const InodeId& id, CopiedName name);

private:
    struct Hash {
        std::size_t operator()(const InodeId& id) const noexcept {
            return std::hash<std::uint64_t>()(id.inode ^ (std::uint64_t{id.device} << 48));
        }
    };
    struct Copied {
        std::optional<CopiedName> name; ///< nothing: it is being made
        std::uint64_t seen = 1;
    };

    std::stop_token stop_;
    std::mutex mutex_;
    std::condition_variable_any made_;
    std::unordered_map<InodeId, Copied, Hash> inodes_;
};

} // namespace slipway::volume
