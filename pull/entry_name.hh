// The name of an entry as a place beneath the root: judged once, where it enters.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace slipway::pull {

/// A relative path without "..", ".", empty parts and NUL; empty for the root itself.
class EntryName {
public:
    /// What openat2(2) takes in one call; nothing longer can be reached by a name either.
    static constexpr std::size_t kMaxBytes = 4095;
    static constexpr std::size_t kMaxPartBytes = 255;

    /// Leading slashes and "." parts are dropped.
    /// @throws Error  Corrupt: it is empty, holds a NUL or "..", or is too long
    ///                Limit: more than `max_depth` parts
    static EntryName parse(std::string_view bytes, std::size_t max_depth);

    bool is_root() const noexcept { return path_.empty(); }
    const std::string& path() const noexcept { return path_; }
    /// All but the last part; empty when there is one.
    std::string_view directory() const noexcept;
    /// The last part, NUL-terminated.
    const char* base() const noexcept { return path_.c_str() + base_; }

private:
    std::string path_;
    std::size_t base_ = 0;
};

} // namespace slipway::pull
