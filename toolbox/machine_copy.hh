// Files and trees on their way into a machine that runs, and out of it.

#pragma once

#include <stop_token>
#include <string>

#include <sys/stat.h>

#include "base/fd.hh"
#include "spawn/guest.hh"
#include "volume/copy_tree.hh"

namespace slipway::toolbox {

struct CopyOrder {
    bool into_machine = true; ///< false: out of it
    std::string source;       ///< a symlink at its end is copied, not followed
    std::string target;       ///< its new path, not the directory to put it in
    bool force = false;       ///< replace what has that path
};

/// Numeric owners are kept as the machine sees them: what belongs to 0 on the host belongs to 0 in
/// the machine, whatever range of the host's users it runs with, and the other way round. For a
/// JoinedWork.
class MachineCopy {
public:
    /// Opens both ends. Where the machine has users of its own, the process then is root among
    /// them, with no way back: it can do no more than the machine itself could. One thread.
    /// @throws Error InvalidArgument: no absolute path in the machine; NotFound; Exists;
    /// Unsupported:
    ///         a device, fifo or socket, or a file system of the host's that cannot map users
    MachineCopy(const spawn::Guest& guest, const CopyOrder& order);

    /// Copies all that it is (volume/copy_tree.hh), but for attributes that the other file system
    /// cannot hold. The target appears when it is whole, or not at all.
    /// @param stopped  it stops when this becomes readable
    /// @throws Error; Canceled
    volume::CopiedTree run(int stopped);

private:
    volume::CopiedTree fill(int staging, const std::stop_token& stop) const;
    void make_symlink(int staging) const;

    bool force_;
    bool host_source_;
    std::string name_;
    Fd source_; ///< O_PATH
    struct statx info_ {};
    Fd parent_; ///< O_PATH
};

} // namespace slipway::toolbox
