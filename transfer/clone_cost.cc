// The same questions as the clone itself asks, without the answer's consequences.

#include "transfer/clone_cost.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/size.hh"
#include "volume/copy_source.hh"
#include "volume/directory.hh"
#include "volume/probe.hh"
#include "volume/subvolume.hh"

namespace slipway::transfer {
namespace {

using storage::ImageType;

constexpr std::uint64_t kStatBlockBytes = 512;

struct Extent {
    std::uint64_t size_bytes = 0; ///< of what is allocated; a file with many names counts for each
    std::uint64_t entries = 0;
};

void add_directory(int root, const std::string& path, Extent& extent,
                   std::vector<std::string>& below) {
    const Fd directory = volume::open_quietly(root, path, O_DIRECTORY);
    if (!directory) {
        return; // gone, or not ours to read: the copy itself will say so
    }
    for (const volume::DirectoryEntry& entry : volume::all_entries(directory.get())) {
        const auto info = volume::find_entry(directory.get(), entry.name);
        if (!info) {
            continue;
        }
        ++extent.entries;
        if (S_ISDIR(info->stx_mode) && !volume::is_mount_point(*info)) {
            below.push_back(path.empty() ? entry.name : path + "/" + entry.name);
        } else if (S_ISREG(info->stx_mode)) {
            extent.size_bytes += info->stx_blocks * kStatBlockBytes;
        }
    }
}

Extent extent_of_tree(int root, const std::stop_token& stop) {
    Extent extent;
    std::vector<std::string> waiting = {""};
    while (!waiting.empty()) {
        if (stop.stop_requested()) {
            throw Canceled();
        }
        const std::string path = std::move(waiting.back());
        waiting.pop_back();
        add_directory(root, path, extent, waiting);
    }
    return extent;
}

std::string doubt(std::uint64_t needed_bytes, const storage::Pool& pool) {
    return needed_bytes > pool.file_system().free_bytes ? ", which is not enough" : "";
}

std::string cost_of_disk(CloneWay way, int source, const storage::Pool& pool) {
    struct stat info {};
    if (::fstat(source, &info) < 0) {
        throw errno_error("cannot look at the disk");
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    const auto data = static_cast<std::uint64_t>(info.st_blocks) * kStatBlockBytes;
    if (way == CloneWay::Share) {
        return fmt::format("the clone would share its {} with the source, and nothing would be "
                           "copied; {}",
                           format_size(size), pool.space());
    }
    return fmt::format("the clone would be a copy: {} of {}; {}{}", format_size(data),
                       format_size(size), pool.space(), doubt(data, pool));
}

} // namespace

CloneWay way_of_clone(int source, ImageType type, const storage::Pool& pool) {
    if (type != ImageType::Raw && volume::can_make_snapshot(source, pool.fd())) {
        return CloneWay::Snapshot;
    }
    return volume::are_on_one_file_system(source, pool.fd()) && volume::can_share_blocks(pool.fd())
               ? CloneWay::Share
               : CloneWay::Copy;
}

std::string cost_of_clone(CloneWay way, int source, ImageType type, const storage::Pool& pool,
                          const std::stop_token& stop) {
    if (way == CloneWay::Snapshot) {
        return fmt::format("the clone would be a snapshot, for which nothing is copied, whatever "
                           "its size; {}",
                           pool.space());
    }
    if (type == ImageType::Raw) {
        return cost_of_disk(way, source, pool);
    }
    const Extent extent = extent_of_tree(source, stop);
    if (way == CloneWay::Share) {
        return fmt::format("the clone would be {} entries, whose files share their {} with the "
                           "source; {}",
                           extent.entries, format_size(extent.size_bytes), pool.space());
    }
    return fmt::format("the clone would be a copy: {} in {} entries; {}{}",
                       format_size(extent.size_bytes), extent.entries, pool.space(),
                       doubt(extent.size_bytes, pool));
}

} // namespace slipway::transfer
