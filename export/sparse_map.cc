// lseek(2), SEEK_DATA and SEEK_HOLE.

#include "export/sparse_map.hh"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::exports {
namespace {

constexpr std::uint64_t kStatBlockBytes = 512;
constexpr std::size_t kTarBlockBytes = 512;

} // namespace

std::vector<Stretch> data_stretches(int fd, const struct stat& info) {
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (static_cast<std::uint64_t>(info.st_blocks) * kStatBlockBytes >= size) {
        return size == 0 ? std::vector<Stretch>{} : std::vector<Stretch>{{0, size}};
    }
    std::vector<Stretch> stretches;
    for (std::uint64_t at = 0; at < size;) {
        const off_t data = ::lseek(fd, static_cast<off_t>(at), SEEK_DATA);
        if (data < 0 && errno == ENXIO) {
            break; // a hole to the end
        }
        const off_t hole = data < 0 ? data : ::lseek(fd, data, SEEK_HOLE);
        if (hole < 0 && (errno == EINVAL || errno == EOPNOTSUPP)) {
            return {{0, size}};
        }
        if (hole < 0 && errno == ENXIO) {
            break; // it became shorter
        }
        if (hole < 0) {
            throw errno_error("cannot find its holes");
        }
        const auto start = static_cast<std::uint64_t>(data);
        if (start >= size) {
            break; // it grows
        }
        at = std::min(static_cast<std::uint64_t>(hole), size);
        stretches.push_back({start, at - start});
    }
    return stretches;
}

std::string sparse_map_text(const std::vector<Stretch>& stretches, std::uint64_t size_bytes) {
    const bool hole_at_end =
        stretches.empty() || stretches.back().offset + stretches.back().length < size_bytes;
    std::string text = fmt::format("{}\n", stretches.size() + (hole_at_end ? 1 : 0));
    for (const Stretch& stretch : stretches) {
        text += fmt::format("{}\n{}\n", stretch.offset, stretch.length);
    }
    if (hole_at_end) {
        text += fmt::format("{}\n0\n", size_bytes);
    }
    text.resize((text.size() + kTarBlockBytes - 1) / kTarBlockBytes * kTarBlockBytes, '\0');
    return text;
}

} // namespace slipway::exports
