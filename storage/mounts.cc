// /proc/self/mountinfo (proc(5)): the fifth field is the mount point, with blanks, tabs, newlines
// and backslashes as three octal digits.

#include "storage/mounts.hh"

#include <fstream>
#include <sstream>
#include <string>

namespace slipway::storage {
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

} // namespace

std::optional<std::filesystem::path> find_mount_below(const std::filesystem::path& path) {
    const std::string below = path.string() + "/";
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string field;
        for (int i = 0; i < 5; ++i) {
            fields >> field;
        }
        const std::string point = unescape(field);
        if (point == path || point.starts_with(below)) {
            return point;
        }
    }
    return std::nullopt;
}

} // namespace slipway::storage
