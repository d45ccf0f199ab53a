// The directory of kept downloads (docs/on-disk.md): one entry a content, found by its digest or by
// where it came from. Several processes work in it at once: an entry is locked (flock(2) on its
// directory) shared by who reads it and alone by who removes it, and nothing here ever waits.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hh"
#include "cache/entry.hh"
#include "stream/algorithm.hh"

namespace slipway::cache {

class Store {
public:
    /// Nothing where there is no such directory.
    /// @throws Error Denied: it is another user's, or others may write to it; what it holds is not
    ///         looked at
    static std::optional<Store> find(const std::filesystem::path& path);
    /// Makes it (0700) where it is missing, and what leads to it.
    /// @throws Error  as find()
    static Store open(const std::filesystem::path& path);

    /// The entry of this content. All of the digests that are known of it have to agree, and at
    /// least one. An entry that is being removed, or is no whole one, is none.
    std::optional<Entry> find_content(const stream::Digests& digests) const;
    /// The entry that was kept last from this address.
    std::optional<Entry> find_address(std::string_view address) const;
    /// "sha256-HEX" of all that have such a name, whole or not, sorted.
    std::vector<std::string> entry_names() const;

    int fd() const noexcept { return directory_.get(); }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    Store(Fd directory, std::filesystem::path path)
        : directory_(std::move(directory)), path_(std::move(path)) {}

    Fd directory_;
    std::filesystem::path path_;
};

/// What the name of an entry begins with; the SHA-256 of its content follows.
inline constexpr std::string_view kEntryPrefix = "sha256-";
/// What the name of everything unfinished begins with.
inline constexpr std::string_view kHiddenPrefix = ".#slipway-";

} // namespace slipway::cache
