// The kernel fills a buffer; the next call goes on behind the last item of it. The key has to be
// advanced as a whole, object included, or the loop never ends.

#include "volume/tree_search.hh"

#include <cstddef>
#include <cstring>
#include <vector>

#include <linux/btrfs.h>
#include <sys/ioctl.h>

#include "base/bytes.hh"

namespace slipway::volume {
namespace {

constexpr std::size_t kBufferBytes = 256 * KiB; // some 500 subvolumes

// False when there is no key behind it.
bool advance(TreeKey& key) noexcept {
    if (++key.offset != 0) {
        return true;
    }
    if (key.type < std::numeric_limits<std::uint8_t>::max()) {
        ++key.type;
        return true;
    }
    key.type = 0;
    return ++key.object != 0;
}

} // namespace

bool visit_tree(int fd, const TreeRange& range,
                const std::function<void(const TreeKey&, std::span<const char>)>& visit) {
    std::vector<std::uint64_t> room((sizeof(btrfs_ioctl_search_args_v2) + kBufferBytes) /
                                    sizeof(std::uint64_t));
    TreeKey next = range.first;
    for (;;) {
        auto* args = new (room.data()) btrfs_ioctl_search_args_v2();
        args->buf_size = kBufferBytes;
        args->key.tree_id = range.tree;
        args->key.min_objectid = next.object;
        args->key.min_type = next.type;
        args->key.min_offset = next.offset;
        args->key.max_objectid = range.last.object;
        args->key.max_type = range.last.type;
        args->key.max_offset = range.last.offset;
        args->key.max_transid = kLastOffset;
        args->key.nr_items = std::numeric_limits<std::uint32_t>::max();
        if (::ioctl(fd, BTRFS_IOC_TREE_SEARCH_V2, args) < 0) {
            return false;
        }
        const char* at = reinterpret_cast<const char*>(args->buf);
        for (std::uint32_t i = 0; i < args->key.nr_items; ++i) {
            btrfs_ioctl_search_header header{};
            std::memcpy(&header, at, sizeof header);
            at += sizeof header;
            next = {header.objectid, header.type, header.offset};
            visit(next, {at, header.len});
            at += header.len;
        }
        if (args->key.nr_items == 0 || !advance(next) || next > range.last) {
            return true;
        }
    }
}

} // namespace slipway::volume
