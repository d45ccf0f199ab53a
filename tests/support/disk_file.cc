// Files of a TiB are compared by what they have, not by what they could have.

#include "tests/support/disk_file.hh"

#include <algorithm>
#include <stdexcept>

#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slipway::tests {
namespace {

constexpr std::uint64_t kBlock = 4 * KiB;

using Map = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

Fd open_file(const std::filesystem::path& path, int flags) {
    Fd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
    if (!fd) {
        throw std::runtime_error("cannot open " + path.string());
    }
    return fd;
}

std::string read_at(int fd, std::uint64_t offset, std::uint64_t length) {
    std::string text(length, '\0');
    std::uint64_t done = 0;
    while (done < length) {
        const ssize_t got =
            ::pread(fd, text.data() + done, length - done, static_cast<off_t>(offset + done));
        if (got <= 0) {
            break;
        }
        done += static_cast<std::uint64_t>(got);
    }
    text.resize(done);
    return text;
}

bool is_zero(const std::string& text) {
    return text.find_first_not_of('\0') == std::string::npos;
}

void add(Map& map, std::uint64_t start, std::uint64_t end) {
    if (!map.empty() && map.back().second == start) {
        map.back().second = end;
    } else {
        map.emplace_back(start, end);
    }
}

// What two maps cover together, in stretches of at most 1 MiB.
Map pieces(const Map& a, const Map& b) {
    Map all = a;
    all.insert(all.end(), b.begin(), b.end());
    Map split;
    for (auto [start, end] : all) {
        for (; start < end; start += 1 * MiB) {
            split.emplace_back(start, std::min(end, start + 1 * MiB));
        }
    }
    return split;
}

} // namespace

std::string content_of(const Stretch& stretch) {
    constexpr std::string_view kWords = "the quick brown fox jumps over the lazy dog; ";
    std::string text(stretch.length, '\xff');
    std::uint64_t state = stretch.offset * 2654435761U + 12345;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (stretch.fill == Fill::Noise || stretch.fill == Fill::Half) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            text[i] =
                static_cast<char>(stretch.fill == Fill::Noise ? state >> 56 | 1 : state >> 60 | 1);
        } else if (stretch.fill == Fill::Text) {
            text[i] = i % 512 < 8 ? static_cast<char>('0' + (stretch.offset + i / 512) % 10)
                                  : kWords[i % kWords.size()];
        }
    }
    return text;
}

void make_disk(const std::filesystem::path& path, std::uint64_t size_bytes,
               const std::vector<Stretch>& stretches) {
    const Fd fd = make_file(path);
    if (::ftruncate(fd.get(), static_cast<off_t>(size_bytes)) < 0) {
        throw std::runtime_error("cannot make " + path.string());
    }
    for (const Stretch& stretch : stretches) {
        const std::string text = content_of(stretch);
        if (::pwrite(fd.get(), text.data(), text.size(), static_cast<off_t>(stretch.offset)) !=
            static_cast<ssize_t>(text.size())) {
            throw std::runtime_error("cannot fill " + path.string());
        }
    }
}

std::vector<Stretch> varied_stretches(std::uint64_t size_bytes) {
    return {
        {0, 512},                               // a boot sector
        {1 * MiB, 300'000, Fill::Text},         // ends within a block
        {2 * MiB - 100, 200},                   // across the border of a large cluster
        {3 * MiB + 4096, 4096, Fill::Ones},     // one block
        {3 * MiB + 3 * 4096, 4096, Fill::Ones}, // another one behind a hole
        {4 * MiB, 1536 * KiB, Fill::Noise},     // much
        {6 * MiB, 64 * KiB, Fill::Ones},        // clusters that pack to nothing
        {6 * MiB + 64 * KiB, 64 * KiB, Fill::Text},
        {size_bytes - 700, 700, Fill::Text}, // the very end
    };
}

Map allocated_map(const std::filesystem::path& path) {
    const Fd fd = open_file(path, O_RDONLY);
    Map map;
    off_t end = 0;
    for (;;) {
        const off_t start = ::lseek(fd.get(), end, SEEK_DATA);
        if (start < 0) {
            return map;
        }
        end = ::lseek(fd.get(), start, SEEK_HOLE);
        add(map, static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end));
    }
}

Map data_map(const std::filesystem::path& path) {
    const Fd fd = open_file(path, O_RDONLY);
    const std::uint64_t size = std::filesystem::file_size(path);
    Map map;
    for (auto [start, end] : allocated_map(path)) {
        for (start -= start % kBlock; start < end; start += kBlock) {
            const std::uint64_t block_end = std::min(start + kBlock, size);
            if (!is_zero(read_at(fd.get(), start, block_end - start))) {
                add(map, start, block_end);
            }
        }
    }
    return map;
}

std::uint64_t allocated_bytes(const std::filesystem::path& path) {
    const Fd fd = open_file(path, O_RDONLY);
    ::fsync(fd.get()); // allocation is delayed until then
    struct stat found {};
    ::fstat(fd.get(), &found);
    return static_cast<std::uint64_t>(found.st_blocks) * 512;
}

std::uint64_t shared_bytes(const std::filesystem::path& path) {
    constexpr unsigned kExtents = 100;
    std::vector<char> space(sizeof(fiemap) + kExtents * sizeof(fiemap_extent));
    auto* map = reinterpret_cast<fiemap*>(space.data());
    map->fm_length = FIEMAP_MAX_OFFSET;
    map->fm_flags = FIEMAP_FLAG_SYNC;
    map->fm_extent_count = kExtents;
    if (::ioctl(open_file(path, O_RDONLY).get(), FS_IOC_FIEMAP, map) < 0) {
        throw std::runtime_error("cannot ask for the extents of " + path.string());
    }
    std::uint64_t bytes = 0;
    for (unsigned i = 0; i < map->fm_mapped_extents; ++i) {
        const fiemap_extent& extent = map->fm_extents[i];
        bytes += (extent.fe_flags & FIEMAP_EXTENT_SHARED) != 0 ? extent.fe_length : 0;
    }
    return bytes;
}

std::string difference(const std::filesystem::path& a, const std::filesystem::path& b) {
    const std::uint64_t size = std::filesystem::file_size(a);
    if (size != std::filesystem::file_size(b)) {
        return "one has " + std::to_string(size) + " bytes, the other " +
               std::to_string(std::filesystem::file_size(b));
    }
    const Fd first = open_file(a, O_RDONLY);
    const Fd second = open_file(b, O_RDONLY);
    for (const auto& [start, end] : pieces(allocated_map(a), allocated_map(b))) {
        const std::string one = read_at(first.get(), start, end - start);
        const std::string other = read_at(second.get(), start, end - start);
        if (one != other) {
            const auto at = std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first;
            return "they part at byte " +
                   std::to_string(start + static_cast<std::uint64_t>(at - one.begin()));
        }
    }
    return "";
}

Fd make_file(const std::filesystem::path& path) {
    return open_file(path, O_RDWR | O_CREAT | O_TRUNC);
}

Fd make_nameless(const std::filesystem::path& directory) {
    return open_file(directory, O_TMPFILE | O_RDWR);
}

} // namespace slipway::tests
