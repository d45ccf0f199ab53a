// Real file systems for tests: made in memory, on a loop device, mounted where only this process
// and its children see them. The medium is an anonymous file and the loop device detaches itself
// with the last mount, so nothing outlives the process, however it dies.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

/// Why "ext4", "xfs" or "btrfs" cannot be made and mounted on this host; nothing when it can.
/// `if (auto why = no_loop_fs("btrfs")) { SKIP(*why); }`
std::optional<std::string> no_loop_fs(const std::string& type);

/// Why no file system can be mounted on this host at all (tmpfs, overlayfs); nothing when it can.
std::optional<std::string> no_mounts();

/// Moves the calling thread, and what it starts from now on, into a mount namespace of its own
/// whose mounts the host does not see. Once a process; LoopFs and MountedFs call it. False where it
/// is refused: then mounts are visible to the host until they are undone.
bool use_private_mounts();

/// Puts an empty file system over /run, for this process and its children: systemd-nspawn's locks
/// are then the test's own. Once a process. Why it cannot be done; nothing when it is.
std::optional<std::string> use_private_run();

/// What a test needs at least: mkfs.xfs refuses less than 300 MiB, mkfs.btrfs less than 109.
struct LoopOptions {
    std::vector<std::string> mkfs; ///< more arguments for mkfs: {"-m", "reflink=0"}
    std::string mount;             ///< options for mount(2), comma-separated
};

/// An empty file system of its own. The medium is sparse: what is not written takes no memory.
class LoopFs {
public:
    LoopFs(std::string type, std::uint64_t size_bytes, LoopOptions options = {});
    ~LoopFs();
    LoopFs(const LoopFs&) = delete;
    LoopFs& operator=(const LoopFs&) = delete;

    /// Where it is mounted.
    const std::filesystem::path& path() const noexcept { return mount_point_; }
    std::filesystem::path operator/(const std::filesystem::path& name) const {
        return mount_point_ / name;
    }
    const std::string& type() const noexcept { return type_; }
    /// "/dev/loop3" while it is mounted.
    const std::string& device() const noexcept { return device_; }

    /// Undone by mount(): the same medium again, after its journal was replayed.
    void unmount();
    void mount();

    /// From now on the medium refuses every write, so that the file system sees EIO.
    void fail_writes();
    /// The power goes: what the kernel has not written yet is lost, everything now fails with EIO.
    /// restart() shows what the next boot finds. ext4 and xfs by EXT4_IOC_SHUTDOWN and
    /// XFS_IOC_GOINGDOWN with NOLOGFLUSH, btrfs, which has no such thing, by fail_writes().
    void cut_power();
    /// Unmounts, gives a medium that fails a copy for its successor, and mounts again. Nobody may
    /// have a file open.
    void restart();

private:
    void attach();
    void replace_medium();

    std::string type_;
    LoopOptions options_;
    TempDir directory_;
    std::filesystem::path mount_point_;
    Fd medium_;
    Fd loop_;
    std::string device_;
    bool mounted_ = false;
};

/// A file system without a medium ("tmpfs", "overlay"), mounted until it is destroyed.
class MountedFs {
public:
    /// @param options  for mount(2); of overlay: lowerdir=…,upperdir=…,workdir=…
    MountedFs(const std::string& type, const std::string& options);
    ~MountedFs();
    MountedFs(const MountedFs&) = delete;
    MountedFs& operator=(const MountedFs&) = delete;
    const std::filesystem::path& path() const noexcept { return mount_point_; }

private:
    TempDir directory_;
    std::filesystem::path mount_point_;
};

} // namespace slipway::tests
