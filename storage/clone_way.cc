// The same questions as the clone itself asks.

#include "storage/clone_way.hh"

#include "volume/probe.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {

CloneWay way_of_clone(int source, ImageType type, const Pool& pool) {
    if (type != ImageType::Raw && volume::can_make_snapshot(source, pool.fd())) {
        return CloneWay::Snapshot;
    }
    return volume::are_on_one_file_system(source, pool.fd()) && volume::can_share_blocks(pool.fd())
               ? CloneWay::Share
               : CloneWay::Copy;
}

} // namespace slipway::storage
