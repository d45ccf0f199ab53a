// /proc/self/mountinfo (proc(5)): id, parent, device, what is shown, mount point; names with
// blanks, tabs, newlines and backslashes as three octal digits.

#include "volume/mounts.hh"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>

namespace slipway::volume {
namespace {

std::string unescape(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            plain += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

struct Mount {
    std::uint64_t id = 0;
    std::string root; ///< what of its file system it shows
    std::string point;
};

std::vector<Mount> read_mounts() {
    std::vector<Mount> mounts;
    std::ifstream file("/proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        Mount mount;
        std::string skipped;
        fields >> mount.id >> skipped >> skipped >> mount.root >> mount.point;
        mount.root = unescape(mount.root);
        mount.point = unescape(mount.point);
        mounts.push_back(std::move(mount));
    }
    return mounts;
}

} // namespace

std::optional<std::filesystem::path> find_mount_below(const std::filesystem::path& path) {
    const std::string below = path.string() + "/";
    for (const Mount& mount : read_mounts()) {
        if (mount.point == path || mount.point.starts_with(below)) {
            return mount.point;
        }
    }
    return std::nullopt;
}

std::vector<std::filesystem::path> mounts_below(const std::filesystem::path& path) {
    const std::string below = path == "/" ? "/" : path.string() + "/";
    std::set<std::filesystem::path> found;
    for (const Mount& mount : read_mounts()) {
        if (mount.point.starts_with(below) && mount.point != below) {
            found.insert(mount.point.substr(below.size()));
        }
    }
    return {found.begin(), found.end()};
}

bool is_whole_file_system(int directory) {
    struct statx info {};
    if (::statx(directory, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) < 0 ||
        (info.stx_mask & STATX_MNT_ID) == 0 || (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) == 0) {
        return false;
    }
    const std::vector<Mount> mounts = read_mounts();
    return std::any_of(mounts.begin(), mounts.end(), [&info](const Mount& mount) {
        return mount.id == info.stx_mnt_id && mount.root == "/";
    });
}

} // namespace slipway::volume
