// What libarchive does not tell of an entry, read from the header blocks that it has accepted: it
// cuts names at a NUL, rewrites them to Unicode's form C in a UTF-8 locale, takes "-1.5" seconds
// for -0.5, drops the type bits of the mode, makes files of types it does not know and passes
// over global headers.
// Format: POSIX.1-2017, pax, "pax Interchange Format"; GNU tar manual, "Basic Tar Format".

#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hh"

namespace slipway::pull {

/// Views into the blocks it was read from.
struct RawHeader {
    char type = '0';        ///< the type flag of the entry's own header
    std::uint64_t mode = 0; ///< with the type bits, where the writer left them in
    std::vector<std::pair<std::string_view, std::string_view>> records; ///< of its pax header

    /// The value that counts: the last of that key.
    std::optional<std::string_view> find(std::string_view key) const noexcept;
    /// The entry's name, or a link's target, where the pax header has one.
    std::optional<std::string_view> name() const noexcept;
    std::optional<std::string_view> target() const noexcept;
};

/// Reads the blocks from the first special header of an entry up to its own header.
/// @throws Error  Corrupt: a malformed pax record, a NUL in a name; Unsupported: a global header
///                that sets what every entry would get
RawHeader parse_raw_header(Bytes blocks);

/// A pax time: decimal seconds since 1970, with a fraction, or negative.
/// @throws Error  Corrupt
timespec parse_pax_time(std::string_view text);

} // namespace slipway::pull
