// A pool: the directory that images are kept in (default /var/lib/machines).

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hh"
#include "storage/image_name.hh"

namespace slipway::storage {

inline constexpr const char* kDefaultPool = "/var/lib/machines";

enum class ImageType { Directory, Subvolume, Raw, Block };

/// "directory", "subvolume", "raw", "block": machinectl's words.
std::string_view word(ImageType type) noexcept;

/// What the file system under a pool offers; probed, never assumed.
struct FileSystem {
    std::string type; ///< "ext4", "xfs", "btrfs", "tmpfs", "overlayfs", else hex magic
    bool read_only = false;
    bool subvolumes = false;                  ///< btrfs
    std::uint64_t free_bytes = 0;             ///< for us: with root's reserve when we are root
    std::optional<std::uint64_t> free_inodes; ///< nothing where they are made on demand
};

class Pool {
public:
    /// Opens the pool; makes it (0700) when it is missing and its parent exists. Symlinks on the
    /// way are resolved once.
    /// @throws Error NotFound (parent missing), Denied (not writable, read-only file system)
    static Pool open(const std::filesystem::path& path);
    /// For listing: nothing when it does not exist; needs no right to write.
    static std::optional<Pool> find(const std::filesystem::path& path);

    int fd() const noexcept { return fd_.get(); }
    const std::filesystem::path& path() const noexcept { return path_; } ///< resolved
    FileSystem file_system() const;

private:
    Pool(Fd fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
    Fd fd_;
    std::filesystem::path path_;
};

/// One image as listings show it.
struct Image {
    ImageName name;
    ImageType type = ImageType::Directory;
    bool read_only = false;
    std::optional<std::int64_t> created_us; ///< microseconds since 1970
    std::filesystem::path path;
};

/// All images of a pool, sorted by name; hidden names (beginning with a dot) only when asked for;
/// ".#…" never.
std::vector<Image> list_images(const Pool& pool, bool hidden);

std::optional<Image> find_image(const Pool& pool, const ImageName& name);

/// Removes an image: takes its name away in one step (durably), then deletes what it held. A
/// symlinked image loses its link only.
/// @throws Error NotFound, Busy (names the holder), Denied
void remove_image(const Pool& pool, const ImageName& name);

} // namespace slipway::storage
