// Of two ways to write into a machine with users of its own, through /proc/LEADER/root as the
// host's root with numbers translated, or as one of its users, this is the second: the kernel
// translates all there is (owners, ACLs, capabilities of files), and whatever the machine's tree
// talks us into, we may do no more than the machine. The host's end is seen through a mount of our
// own that maps its owners to the machine's. The machine's mounts need not be joined: both ends are
// descriptors, and the copier follows nothing.

#include "toolbox/machine_copy.hh"

#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "spawn/enter.hh"
#include "storage/hidden.hh"
#include "toolbox/clone_mount.hh"
#include "volume/copy_file.hh"
#include "volume/copy_source.hh"
#include "volume/inode_id.hh"
#include "volume/plain.hh"
#include "volume/remove_tree.hh"

namespace slipway::toolbox {
namespace {

constexpr const char* kContent = "content";

struct SplitPath {
    std::string parent;
    std::string name;
};

SplitPath split(std::string path) {
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    const std::size_t slash = path.rfind('/');
    SplitPath parts{slash == path.npos ? "." : path.substr(0, slash + 1),
                    slash == path.npos ? path : path.substr(slash + 1)};
    if (parts.name.empty() || parts.name == "." || parts.name == "..") {
        throw Error(Kind::Exists, "{} is there already, and cannot be replaced", quoted(path));
    }
    return parts;
}

// One of the two ends: what it is called there, opened without being read.
class End {
public:
    End(const spawn::Guest& guest, bool in_machine, int users)
        : guest_(guest), in_machine_(in_machine), users_(users) {}

    Fd open(const std::string& path, int flags) const {
        if (in_machine_ && !path.starts_with('/')) {
            throw Error(Kind::InvalidArgument,
                        "{} is no absolute path, as one in a machine has to be", quoted(path));
        }
        Fd fd = in_machine_ ? guest_.open_path(path, O_PATH | flags)
                            : Fd(::open(path.c_str(), O_PATH | O_CLOEXEC | flags));
        if (!fd) {
            throw errno_error("cannot open {}{}", quoted(path), in_machine_ ? " in it" : "");
        }
        return fd;
    }

    // As the machine's users see it.
    Fd seen(Fd fd) const {
        return in_machine_ || users_ < 0 ? std::move(fd) : clone_mount(fd.get(), {.users = users_});
    }

private:
    const spawn::Guest& guest_;
    bool in_machine_;
    int users_;
};

// Reading begins here, with the rights of whoever we are now.
Fd reopen(int fd, int flags) {
    Fd opened(::open(fmt::format("/proc/self/fd/{}", fd).c_str(), flags | O_CLOEXEC | O_NOCTTY));
    if (!opened) {
        throw errno_error("cannot read it");
    }
    return opened;
}

void expect_copyable(mode_t mode) {
    if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode)) {
        throw Error(Kind::Unsupported, "expected a file, a directory or a symlink, found {}",
                    S_ISFIFO(mode)   ? "a fifo"
                    : S_ISSOCK(mode) ? "a socket"
                                     : "a device");
    }
}

// False when the copy is over before anything is heard.
bool hears(int stopped, const std::stop_token& over) {
    try {
        return wait_for(stopped, POLLIN, over);
    } catch (const Canceled&) {
        return false;
    }
}

// A directory beside the target, removed with all that is in it.
class StagingDirectory {
public:
    explicit StagingDirectory(int parent)
        : parent_(parent), name_(storage::HiddenNames(storage::make_job_id()).content) {
        if (::mkdirat(parent, name_.c_str(), 0700) < 0) {
            throw errno_error("cannot make a directory beside the target");
        }
        fd_.reset(::openat(parent, name_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!fd_) {
            throw errno_error("cannot open the directory beside the target");
        }
        volume::make_plain(fd_.get(), 0700);
    }
    ~StagingDirectory() {
        try {
            volume::remove_tree(parent_, name_);
        } catch (const Error& error) {
            debug("{} stays: {}", quoted(name_), error.what());
        }
    }
    StagingDirectory(const StagingDirectory&) = delete;
    StagingDirectory& operator=(const StagingDirectory&) = delete;

    int fd() const noexcept { return fd_.get(); }

private:
    int parent_;
    std::string name_;
    Fd fd_;
};

} // namespace

MachineCopy::MachineCopy(const spawn::Guest& guest, const CopyOrder& order)
    : force_(order.force), host_source_(order.into_machine) {
    const Fd users = spawn::open_users(guest);
    const End from(guest, !order.into_machine, users.get());
    const End to(guest, order.into_machine, users.get());
    source_ = from.open(order.source, O_NOFOLLOW);
    info_ = volume::look_at(source_.get());
    expect_copyable(info_.stx_mode);
    if (!S_ISLNK(info_.stx_mode)) {
        source_ = from.seen(std::move(source_));
    }
    const SplitPath target = split(order.target);
    name_ = target.name;
    Fd parent = to.open(target.parent, O_DIRECTORY);
    if (!force_ && ::faccessat(parent.get(), name_.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        throw Error(Kind::Exists, "{} is there already; --force replaces a file",
                    quoted(order.target));
    }
    parent_ = to.seen(std::move(parent));
    spawn::join(guest, 0);
}

volume::CopiedTree MachineCopy::run(int stopped) {
    std::stop_source ask;
    const std::stop_token stop = ask.get_token();
    const std::jthread listener([&](const std::stop_token& over) {
        if (hears(stopped, over)) {
            ask.request_stop();
        }
    });
    const StagingDirectory staging(parent_.get());
    volume::CopiedTree copied = fill(staging.fd(), stop);
    if (stop.stop_requested()) {
        throw Canceled();
    }
    if (::renameat2(staging.fd(), kContent, parent_.get(), name_.c_str(),
                    force_ ? 0U : unsigned{RENAME_NOREPLACE}) < 0) {
        throw errno_error("cannot give the copy its name {}", quoted(name_));
    }
    return copied;
}

volume::CopiedTree MachineCopy::fill(int staging, const std::stop_token& stop) const {
    if (S_ISLNK(info_.stx_mode)) {
        make_symlink(staging);
        return {};
    }
    if (S_ISREG(info_.stx_mode)) {
        const Fd from = reopen(source_.get(), O_RDONLY | O_NONBLOCK);
        Fd to(::openat(staging, kContent, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       0600));
        if (!to) {
            throw errno_error("cannot make the copy");
        }
        volume::copy_file(from.get(), to.get(), stop);
        to.close();
        return {};
    }
    if (::mkdirat(staging, kContent, 0700) < 0) {
        throw errno_error("cannot make the copy");
    }
    const Fd from = reopen(source_.get(), O_RDONLY | O_DIRECTORY);
    const Fd to(::openat(staging, kContent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return volume::copy_tree(from.get(), to.get(),
                             {.unsupported = volume::UnsupportedAttributes::LeaveOut,
                              // Where the machine lies in what is copied into it.
                              .leave_out = volume::inode_id(staging)},
                             stop);
}

// Its attributes are root's of the host alone.
void MachineCopy::make_symlink(int staging) const {
    // The host's symlink was looked at with the host's eyes, which see its owner as he is.
    const struct statx info = host_source_ ? info_ : volume::look_at(source_.get());
    const std::string leads_to = volume::read_link(source_.get(), "");
    const volume::MetadataWriter metadata(staging, volume::UnsupportedAttributes::LeaveOut);
    if (::symlinkat(leads_to.c_str(), staging, kContent) < 0) {
        throw errno_error("cannot make the copy");
    }
    metadata.apply_at(staging, kContent, volume::metadata_of(info), std::nullopt);
}

} // namespace slipway::toolbox
