// Images and their pool as org.freedesktop.machine1 shows them: its types, and its values for what
// is not known.

#pragma once

#include "base/bus.hh"
#include "jobs/service.hh"

namespace slipway::importd {

/// Of the list: name, type, read-only, created, modified, usage, path of the object.
using Machine1Image = bus::Struct<std::string, std::string, bool, std::uint64_t, std::uint64_t,
                                  std::uint64_t, bus::ObjectPath>;

Machine1Image machine1_entry(const jobs::ListedImage& image);
/// In the order of machine1_image().
bus::Properties machine1_properties(const jobs::ListedImage& image);
/// In that of slipway_image().
bus::Properties slipway_properties(const jobs::ImageView& image);
/// In that of machine1_manager().
bus::Properties pool_properties(const jobs::PoolView& pool);

/// Microseconds since 1970; 0: not known. Bytes; 2⁶⁴−1: not known, or no limit.
std::uint64_t bus_time(const std::optional<std::int64_t>& time_us) noexcept;
std::uint64_t bus_size(const std::optional<std::uint64_t>& size_bytes) noexcept;

} // namespace slipway::importd
