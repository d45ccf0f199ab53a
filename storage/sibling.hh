// The files that lie beside an image under its name: settings for systemd-nspawn, and what proves a
// disk with dm-verity. They come, are replaced and go with their image.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/image_name.hh"
#include "storage/pool.hh"

namespace slipway::storage {

enum class Sibling { Settings, RootHash, RootHashSignature, UsrHash, UsrHashSignature, Verity };

inline constexpr std::array kSiblings = {Sibling::Settings,          Sibling::RootHash,
                                         Sibling::RootHashSignature, Sibling::UsrHash,
                                         Sibling::UsrHashSignature,  Sibling::Verity};

/// ".nspawn", ".roothash", ".roothash.p7s", ".usrhash", ".usrhash.p7s", ".verity"
std::string_view suffix(Sibling kind) noexcept;

/// "web.roothash": the image's name (never its file's: "web.raw") and the suffix.
std::string sibling_name(const ImageName& image, Sibling kind);

/// The suffix of a sibling's file name, of a kind that is only removed included; empty when it
/// has none.
std::string_view sibling_suffix(std::string_view file_name) noexcept;

/// A file in the pool and what it is (storage/identity.hh).
struct NamedFile {
    std::string name;
    std::string identity;
    bool operator==(const NamedFile&) const = default;
};

/// The sibling of that suffix as it stands: a regular file, or a link that leads to no image.
/// @throws Error
std::optional<NamedFile> find_sibling(const Pool& pool, const ImageName& image,
                                      std::string_view suffix);

/// All that stand beside an image and go with it when it is removed: ours, and those of newer
/// systemd that we do not bring (".oci-config", ".raw.tpmstate", ".raw.efinvramstate").
std::vector<NamedFile> find_siblings(const Pool& pool, const ImageName& image);

/// The same for what speaks for the bytes of one image and would contradict another's: all kinds
/// that we bring but Settings.
std::vector<NamedFile> find_verity_siblings(const Pool& pool, const ImageName& image);

/// Settings of that name in the directories of the administrator (Pool::settings_directories()),
/// by their whole path. One on a read-only file system cannot go and is not among them.
std::vector<NamedFile> find_settings_elsewhere(const Pool& pool, const ImageName& image);

} // namespace slipway::storage
