// Loop devices, mounts, and the two ways in which a disk fails.

#include "tests/support/loop_fs.hh"

#include <chrono>
#include <map>

#include <fcntl.h>
#include <linux/loop.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::tests {
namespace {

constexpr int kLoopMajor = 7;

// linux/ext4.h is not exported in full and xfs_fs.h is in xfslibs-dev: the numbers of both.
constexpr unsigned long kExt4Shutdown = _IOR('X', 125, std::uint32_t);
constexpr unsigned long kXfsGoingDown = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t kNoLogFlush = 2;

std::vector<std::string> mkfs_command(const std::string& type) {
    if (type == "ext4") {
        return {"mkfs.ext4", "-q", "-F", "-E", "nodiscard"};
    }
    if (type == "xfs") {
        return {"mkfs.xfs", "-q", "-f", "-K"};
    }
    if (type == "btrfs") {
        return {"mkfs.btrfs", "-q", "-f", "-K"};
    }
    throw Error(Kind::InvalidArgument, "no mkfs is known for {}", type);
}

// mkfs.btrfs takes two loop devices for one when the names of their media are the same.
Fd make_medium(std::uint64_t size_bytes) {
    static unsigned number = 0;
    const std::string name =
        "slipway-test-disk-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
    Fd fd(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(size_bytes)) < 0) {
        throw errno_error("cannot make a medium of {} bytes in memory", size_bytes);
    }
    return fd;
}

// Whoever looks through /proc/PID/fd for the holder of some lock keeps a mount busy for an instant,
// and nothing tells when he is done.
bool unmounted(const std::filesystem::path& path) noexcept {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (::umount2(path.c_str(), 0) < 0) {
        if (errno != EBUSY || std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        ::poll(nullptr, 0, 1);
    }
    return true;
}

void unmount_at(const std::filesystem::path& path) noexcept {
    if (::umount2(path.c_str(), 0) < 0) {
        ::umount2(path.c_str(), MNT_DETACH);
    }
}

void copy_data(int from, int to) {
    std::vector<char> buffer(MiB);
    off_t at = 0;
    while ((at = ::lseek(from, at, SEEK_DATA)) >= 0) {
        const off_t end = ::lseek(from, at, SEEK_HOLE);
        while (at < end) {
            const auto part =
                std::min<std::size_t>(buffer.size(), static_cast<std::size_t>(end - at));
            const ssize_t had = ::pread(from, buffer.data(), part, at);
            if (had <= 0 || ::pwrite(to, buffer.data(), static_cast<std::size_t>(had), at) != had) {
                throw errno_error("cannot copy a medium");
            }
            at += had;
        }
    }
}

} // namespace

bool use_private_mounts() {
    static const bool done = [] {
        if (::unshare(CLONE_NEWNS) < 0) {
            return false;
        }
        // EINVAL in a plain chroot, where "/" is no mount point.
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
        return true;
    }();
    return done;
}

std::optional<std::string> use_private_run() {
    static const std::optional<std::string> why = []() -> std::optional<std::string> {
        if (!use_private_mounts()) {
            return "a mount namespace is refused here";
        }
        if (::mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0) {
            return "nothing can be mounted on /run: " + errno_text(errno);
        }
        return std::nullopt;
    }();
    return why;
}

std::optional<std::string> no_mounts() {
    static const std::optional<std::string> why = []() -> std::optional<std::string> {
        try {
            MountedFs("tmpfs", "size=64k");
            return std::nullopt;
        } catch (const Error& error) {
            return std::string("nothing can be mounted here: ") + error.what();
        }
    }();
    return why;
}

std::optional<std::string> no_loop_fs(const std::string& type) {
    static std::map<std::string, std::optional<std::string>> known;
    const auto found = known.find(type);
    if (found != known.end()) {
        return found->second;
    }
    std::optional<std::string> why;
    try {
        LoopFs(type, 320 * MiB);
    } catch (const std::exception& error) {
        why = "no " + type + " on a loop device here: " + error.what();
    }
    return known.emplace(type, why).first->second;
}

LoopFs::LoopFs(std::string type, std::uint64_t size_bytes, LoopOptions options)
    : type_(std::move(type)), options_(std::move(options)), mount_point_(directory_ / "mount"),
      medium_(make_medium(size_bytes)) {
    use_private_mounts();
    std::filesystem::create_directory(mount_point_);
    attach();
    std::vector<std::string> command = mkfs_command(type_);
    command.insert(command.end(), options_.mkfs.begin(), options_.mkfs.end());
    command.push_back(device_);
    run_ok(command);
    mount();
}

LoopFs::~LoopFs() {
    if (mounted_) {
        unmount_at(mount_point_);
    }
}

void LoopFs::attach() {
    const Fd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
    if (!control) {
        throw errno_error("cannot open /dev/loop-control");
    }
    // Between asking for a free device and taking it another test may be faster.
    for (int attempt = 0; attempt < 100; ++attempt) {
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) {
            throw errno_error("no free loop device");
        }
        device_ = "/dev/loop" + std::to_string(number);
        if (::access(device_.c_str(), F_OK) < 0) {
            device_ = (directory_ / ("loop" + std::to_string(number))).string();
            ::mknod(device_.c_str(), S_IFBLK | 0600,
                    makedev(kLoopMajor, static_cast<unsigned>(number)));
        }
        loop_.reset(::open(device_.c_str(), O_RDWR | O_CLOEXEC));
        if (!loop_) {
            throw errno_error("cannot open {}", device_);
        }
        loop_config config{};
        config.fd = static_cast<std::uint32_t>(medium_.get());
        config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
        if (::ioctl(loop_.get(), LOOP_CONFIGURE, &config) == 0) {
            return;
        }
        if (errno != EBUSY) {
            throw errno_error("cannot attach {}", device_);
        }
    }
    throw Error(Kind::Busy, "every free loop device was taken by somebody else");
}

void LoopFs::mount() {
    if (!loop_) {
        attach();
    }
    if (::mount(device_.c_str(), mount_point_.c_str(), type_.c_str(), 0, options_.mount.c_str()) <
        0) {
        throw errno_error("cannot mount {} at {}", type_, mount_point_.string());
    }
    mounted_ = true;
    loop_.reset(); // the mount keeps it; with the mount's end it detaches itself
}

void LoopFs::unmount() {
    if (!unmounted(mount_point_)) {
        throw errno_error("cannot unmount {}", mount_point_.string());
    }
    mounted_ = false;
}

void LoopFs::fail_writes() {
    // Nobody maps a medium, but pages on their way through the loop device are held for a moment,
    // and the kernel waits only 200 ms for them.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (::fcntl(medium_.get(), F_ADD_SEALS, F_SEAL_WRITE) < 0) {
        if (errno != EBUSY || std::chrono::steady_clock::now() > deadline) {
            throw errno_error("cannot make the medium of {} fail", mount_point_.string());
        }
    }
}

void LoopFs::cut_power() {
    if (type_ == "btrfs") {
        fail_writes();
        return;
    }
    const Fd root(::open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::uint32_t how = kNoLogFlush;
    const unsigned long request = type_ == "xfs" ? kXfsGoingDown : kExt4Shutdown;
    if (!root || ::ioctl(root.get(), request, &how) < 0) {
        throw errno_error("cannot cut the power of {}", mount_point_.string());
    }
}

void LoopFs::restart() {
    unmount();
    if ((::fcntl(medium_.get(), F_GET_SEALS) & F_SEAL_WRITE) != 0) {
        replace_medium();
    }
    mount();
}

void LoopFs::replace_medium() {
    struct stat info {};
    if (::fstat(medium_.get(), &info) < 0) {
        throw errno_error("cannot stat a medium");
    }
    Fd fresh = make_medium(static_cast<std::uint64_t>(info.st_size));
    copy_data(medium_.get(), fresh.get());
    medium_ = std::move(fresh);
}

MountedFs::MountedFs(const std::string& type, const std::string& options)
    : mount_point_(directory_ / "mount") {
    use_private_mounts();
    std::filesystem::create_directory(mount_point_);
    if (::mount(type.c_str(), mount_point_.c_str(), type.c_str(), 0, options.c_str()) < 0) {
        throw errno_error("cannot mount {} at {}", type, mount_point_.string());
    }
}

MountedFs::~MountedFs() {
    unmount_at(mount_point_);
}

} // namespace slipway::tests
