// A pool: the directory that images are kept in (default /var/lib/machines).

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.hh"
#include "storage/image_class.hh"
#include "storage/image_name.hh"
#include "volume/file_system.hh"
#include "volume/inode_id.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {

inline constexpr const char* kDefaultPool = "/var/lib/machines";

enum class ImageType { Directory, Subvolume, Raw, Block };

/// "directory", "subvolume", "raw", "block": machinectl's words.
std::string_view word(ImageType type) noexcept;

class Pool {
public:
    /// Opens the pool; makes it (0700) when it is missing and its parent exists. Symlinks on the
    /// way are resolved once.
    /// @throws Error NotFound (parent missing, not a directory), Denied (not writable, read-only
    ///         file system)
    static Pool open(const std::filesystem::path& path,
                     ImageClass image_class = ImageClass::Machine);
    /// For listing: nothing when it does not exist; needs no right to write.
    static std::optional<Pool> find(const std::filesystem::path& path,
                                    ImageClass image_class = ImageClass::Machine);

    int fd() const noexcept { return fd_.get(); }
    const std::filesystem::path& path() const noexcept { return path_; } ///< resolved
    /// Of the images that it is for: names of some have a suffix in the file system.
    ImageClass image_class() const noexcept { return image_class_; }
    /// Under the pool's own directory: an image that is a subvolume may have another quota.
    volume::FileSystem file_system() const;
    /// For people, when the pool is not where it seems to be: it was named by a symlink, or lies
    /// inside the default pool.
    std::optional<std::string> note() const;
    /// For refusals for want of space: see space_text().
    std::string space() const;

    /// Where the administrator keeps settings of this pool's images (NAME.nspawn), which a removal
    /// takes along: those of systemd-nspawn when it searches this pool for machines, else none.
    const std::vector<std::filesystem::path>& settings_directories() const noexcept {
        return settings_directories_;
    }
    void set_settings_directories(std::vector<std::filesystem::path> directories) {
        settings_directories_ = std::move(directories);
    }

private:
    Pool(Fd fd, std::filesystem::path given, ImageClass image_class);
    Fd fd_;
    std::filesystem::path given_;
    std::filesystem::path path_;
    ImageClass image_class_;
    std::vector<std::filesystem::path> settings_directories_;
};

/// One image as listings show it.
struct Image {
    ImageName name;
    ImageType type = ImageType::Directory;
    bool read_only = false;
    std::optional<std::int64_t> created_us; ///< microseconds since 1970
    std::filesystem::path path;             ///< in the pool, a symlink not followed
    /// Microseconds since 1970: of a subvolume when anything in it changed, of a disk its file's
    /// time; of a directory nothing tells.
    std::optional<std::int64_t> modified_us{};
    /// The directory NAME.v of whose entries it is the newest; else empty.
    std::filesystem::path versions{};
    // What its inode says, symlinks followed. Of a device `id` has the number of the device itself.
    volume::InodeId id{};
    std::int64_t born_ns = 0;          ///< 0: not known
    std::uint64_t allocated_bytes = 0; ///< of a disk
    std::uint64_t size_bytes = 0;      ///< of a disk
    std::optional<volume::SubvolumeInfo> subvolume{};
};

/// All images of a pool as systemd finds them, sorted by name; hidden names (beginning with a dot)
/// only when asked for; ".#…" never. Symlinks are followed for the type. Of several entries of one
/// name the first in the order of systemd's look-up counts: a directory 'x' hides a file 'x.raw'.
/// @throws Error
std::vector<Image> list_images(const Pool& pool, bool hidden);

/// The entry that bears the name, which can be renamed and removed; not a version of it.
/// @throws Error
std::optional<Image> find_image(const Pool& pool, const ImageName& name);

/// The newest version in the directory NAME.v or NAME.raw.v; counts when find_image() finds
/// nothing.
/// @throws Error
std::optional<Image> find_newest_version(const Pool& pool, const ImageName& name);

/// What its siblings are called after: its file's name without ".raw". It is the image's own name
/// but for one such as "gdb" of class sysext in a file "gdb.sysext.raw".
ImageName stem(const Image& image);

/// Removes an image: takes its name away in one step (durably), then deletes what it held, in the
/// same recoverable step with its siblings and the administrator's settings for it. A symlinked
/// image loses its link only, a device its node. Sweeps what dead jobs left in the pool first.
/// @throws Error NotFound, Busy (in use: names the holder; a mount in it: names it), Denied
void remove_image(const Pool& pool, const ImageName& name);

} // namespace slipway::storage
