// A tar archive that is only the wrapping of one disk image, as clouds hand them out: a case for
// pull-raw.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hh"
#include "pull/entry_name.hh"
#include "pull/what_is.hh"

namespace slipway::pull {

/// Watches the first regular file of an archive.
class LoneDisk {
public:
    /// A regular file starts.
    void begin(const EntryName& name);
    /// Contents of the file that was begun last.
    /// @throws Error Unsupported: the archive's first file lies at the top and is a disk image
    void add(std::uint64_t offset, Bytes data);
    /// The file that was begun last is complete.
    void end();

    /// The archive is complete. `others`: entries that are neither regular files nor directories.
    /// @throws Error Unsupported: it holds nothing but one disk image
    void check(std::uint64_t others) const;

private:
    void judge();

    std::uint64_t files_ = 0;
    std::string name_;
    bool at_top_ = false;
    bool judged_ = false;
    std::string head_;
    std::optional<Signature> signature_;
};

} // namespace slipway::pull
