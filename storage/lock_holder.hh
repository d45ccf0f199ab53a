// Who holds a lock. The kernel does not say it of open-file-description locks (F_OFD_GETLK gives
// pid -1), so the holder is found by inode in everybody's /proc/PID/fdinfo.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "volume/inode_id.hh"

namespace slipway::storage {

/// For people: "systemd-nspawn (PID 4711, systemd-nspawn@web.service)". Nothing when nobody holds
/// the lock on `name` in `directory`, or we may not look at who does.
std::optional<std::string> find_lock_holder(int directory, const std::string& name);

/// The same for many lock files in one pass over all processes.
struct HeldLock {
    volume::InodeId file; ///< one of those asked for
    long pid = 0;
    std::string text; ///< as above
};
std::vector<HeldLock> find_lock_holders(const std::vector<volume::InodeId>& files);

} // namespace slipway::storage
