// Paths and names that are no UTF-8 are shown as if they were: the bus takes no others.

#include "importd/machine1_view.hh"

#include <algorithm>

#include "base/quoted.hh"
#include "importd/machine1_path.hh"

namespace slipway::importd {
namespace {

std::string path_of(const storage::Image& image) {
    return to_utf8(image.path.string());
}

} // namespace

std::uint64_t bus_time(const std::optional<std::int64_t>& time_us) noexcept {
    return time_us ? static_cast<std::uint64_t>(std::max<std::int64_t>(*time_us, 0)) : 0;
}

std::uint64_t bus_size(const std::optional<std::uint64_t>& size_bytes) noexcept {
    return size_bytes.value_or(UINT64_MAX);
}

Machine1Image machine1_entry(const jobs::ListedImage& listed) {
    const storage::Image& image = listed.image;
    return {image.name.text(),
            std::string(storage::word(image.type)),
            image.read_only,
            bus_time(image.created_us),
            bus_time(image.modified_us),
            bus_size(listed.usage.total),
            image_path(image.name.text())};
}

bus::Properties machine1_properties(const jobs::ListedImage& listed) {
    const storage::Image& image = listed.image;
    const storage::Usage& usage = listed.usage;
    return {{"Name", bus::Variant(image.name.text())},
            {"Path", bus::Variant(path_of(image))},
            {"Type", bus::Variant(std::string(storage::word(image.type)))},
            {"ReadOnly", bus::Variant(image.read_only)},
            {"CreationTimestamp", bus::Variant(bus_time(image.created_us))},
            {"ModificationTimestamp", bus::Variant(bus_time(image.modified_us))},
            {"Usage", bus::Variant(bus_size(usage.total))},
            {"Limit", bus::Variant(bus_size(usage.limit))},
            {"UsageExclusive", bus::Variant(bus_size(usage.exclusive))},
            {"LimitExclusive", bus::Variant(bus_size(usage.exclusive_limit))}};
}

bus::Properties slipway_properties(const jobs::ImageView& image) {
    return {{"Origin", bus::Variant(bus::bus_text(image.origin))},
            {"Siblings", bus::Variant(image.siblings)},
            {"UsedBy", bus::Variant(image.used_by)}};
}

bus::Properties pool_properties(const jobs::PoolView& pool) {
    return {{"PoolPath", bus::Variant(to_utf8(pool.path.string()))},
            {"PoolUsage", bus::Variant(bus_size(pool.usage.total))},
            {"PoolLimit", bus::Variant(bus_size(pool.usage.limit))}};
}

} // namespace slipway::importd
