// What some bytes are when they are not the tar archive that was wanted: by their signatures,
// never by a name.

#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hh"

namespace slipway::pull {

enum class Family {
    Disk,       ///< a disk or a file system: for pull-raw
    Compressed, ///< still compressed
    Archive,    ///< another kind of archive
    Page,       ///< HTML or XML, as a server's error page
};

struct Signature {
    Family family;
    std::string_view what;   ///< "a qcow2 disk image"
    std::string_view advice; ///< what to do, a clause: "pull-raw and import-raw take it"
    bool certain = true;     ///< false: two bytes that other files hold as well
    bool foreign = false;    ///< a disk, but in a form that has to be converted first
};

/// Nothing when no signature fits. `head`: as much of the start as there is, best 68 KiB.
std::optional<Signature> what_is(Bytes head);

/// Whether a tar archive could start so: a header with a checksum that holds.
bool is_tar_header(Bytes head);

} // namespace slipway::pull
