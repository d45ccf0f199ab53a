// What the clone itself finds out, without its consequences.

#include "transfer/clone_cost.hh"

#include <array>
#include <filesystem>
#include <optional>

#include <sys/stat.h>

#include "base/error.hh"
#include "base/size.hh"
#include "volume/tree_usage.hh"

namespace slipway::transfer {
namespace {

using storage::ImageType;

constexpr std::uint64_t kStatBlockBytes = 512;

/// As du(1) has it; nothing when not all of it could be read.
std::optional<std::uint64_t> size_of_tree(int root, const std::stop_token& stop) {
    const std::array roots{std::filesystem::path(fmt::format("/proc/self/fd/{}", root))};
    return volume::measure_trees(roots, {}, stop).front();
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
    const std::optional<std::uint64_t> size_bytes = size_of_tree(source, stop);
    const std::string size = size_bytes ? format_size(*size_bytes) : "blocks";
    if (way == CloneWay::Share) {
        return fmt::format("the clone would have files of its own, which share their {} with the "
                           "source; {}",
                           size, pool.space());
    }
    return fmt::format("the clone would be a copy: {}; {}{}",
                       size_bytes ? size : "how much is not known, not all of it can be read",
                       pool.space(), doubt(size_bytes.value_or(0), pool));
}

} // namespace slipway::transfer
