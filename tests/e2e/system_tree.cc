// What is ours alone is hidden from it.

#include "tests/e2e/system_tree.hh"

#include <sys/mount.h>
#include <sys/xattr.h>

#include "base/error.hh"

namespace slipway::tests {
namespace {

// A directory of the upper layer under which nothing of the lower one shows.
void hide(const std::filesystem::path& upper, const char* path, int mode = 0755) {
    std::filesystem::create_directories(upper / path);
    std::filesystem::permissions(upper / path, static_cast<std::filesystem::perms>(mode));
    if (::setxattr((upper / path).c_str(), "trusted.overlay.opaque", "y", 1, 0) < 0) {
        throw errno_error("cannot hide {}", path);
    }
}

} // namespace

SystemTree::SystemTree() {
    use_private_mounts();
    const std::filesystem::path lower = directory_ / "lower";
    const std::filesystem::path upper = directory_ / "upper";
    for (const auto& path : {lower, upper, directory_ / "work"}) {
        std::filesystem::create_directory(path);
    }
    // Not what is mounted below: /proc, /sys and /run are the machine's own.
    if (::mount("/", lower.c_str(), nullptr, MS_BIND, nullptr) < 0) {
        throw errno_error("cannot show the root once more");
    }
    hide(upper, "etc/systemd/system");
    hide(upper, "etc/init.d");
    hide(upper, "etc/slipway");
    hide(upper, "tmp", 01777);
    hide(upper, "var/lib/machines", 0700);
    hide(upper, "var/lib/slipway");
    hide(upper, "var/log/journal");
    write_file(upper / "etc/machine-id", "");
    write_file(upper / "etc/fstab", "");
    std::filesystem::create_symlink("/lib/systemd/system/multi-user.target",
                                    upper / "etc/systemd/system/default.target");
    root_.emplace("overlay", "lowerdir=" + lower.string() + ",upperdir=" + upper.string() +
                                 ",workdir=" + (directory_ / "work").string());
}

SystemTree::~SystemTree() {
    root_.reset();
    ::umount2((directory_ / "lower").c_str(), MNT_DETACH);
}

} // namespace slipway::tests
