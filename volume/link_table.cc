// The wait is as long as one open(2): contents are copied after made().

#include "volume/link_table.hh"

#include <utility>

#include "base/error.hh"

namespace slipway::volume {

std::optional<CopiedName> LinkTable::find_or_claim(const InodeId& id, std::uint64_t names) {
    std::unique_lock lock(mutex_);
    const auto [at, is_new] = inodes_.try_emplace(id);
    if (is_new) {
        return std::nullopt;
    }
    Copied& copied = at->second; // stays where it is until its last name has been seen
    if (!made_.wait(lock, stop_, [&copied] { return copied.name.has_value(); })) {
        throw Canceled();
    }
    CopiedName name = *copied.name;
    if (++copied.seen >= names) {
        inodes_.erase(id);
    }
    return name;
}

void LinkTable::made(const InodeId& id, CopiedName name) {
    {
        const std::lock_guard lock(mutex_);
        inodes_.at(id).name = std::move(name);
    }
    made_.notify_all();
}

} // namespace slipway::volume
