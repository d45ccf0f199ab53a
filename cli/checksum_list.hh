// SHA256SUMS beside exported files, as sha256sum(1) writes and reads it.

#pragma once

#include <string>
#include <string_view>

#include "base/fd.hh"

namespace slipway::cli {

inline constexpr const char* kChecksumList = "SHA256SUMS";

/// `list` with the line of `name` replaced, or added at the end; all other lines byte for byte.
/// Lines of that name in either form of the tools ("HEX  NAME", "SHA256 (NAME) = HEX") count as its
/// line.
std::string with_checksum(std::string_view list, std::string_view name, std::string_view digest);

/// The list of one directory, held by this process alone among ours until it is destroyed.
class ChecksumList {
public:
    /// Reads what is there; of a list that does not exist nothing.
    /// @param directory  borrowed
    /// @throws Error Unsupported: it is no file, or too large to be one
    explicit ChecksumList(int directory);

    const std::string& text() const noexcept { return text_; }
    /// Puts the line of `name` into it, in one step.
    /// @throws Error  the list is as it was
    void put(const std::string& name, const std::string& digest);

private:
    int directory_;
    Fd lock_;
    std::string text_;
    unsigned mode_ = 0666; ///< less the umask
};

} // namespace slipway::cli
