// The files that lie beside an image under its name: settings for systemd-nspawn, what proves a
// disk with dm-verity, and what its machine remembers. They come, move, are replaced and go with
// their image.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/image_name.hh"
#include "storage/pool.hh"

namespace slipway::storage {

enum class Sibling {
    Settings,
    RootHash,
    RootHashSignature,
    UsrHash,
    UsrHashSignature,
    Verity,
    // What systemd 262 keeps beside an image in addition. No publisher sends it.
    OciConfig,
    TpmState, ///< swtpm(8) keeps a directory
    EfiVariables,
};

inline constexpr std::array kSiblings = {
    Sibling::Settings,  Sibling::RootHash,         Sibling::RootHashSignature,
    Sibling::UsrHash,   Sibling::UsrHashSignature, Sibling::Verity,
    Sibling::OciConfig, Sibling::TpmState,         Sibling::EfiVariables};

/// ".nspawn", ".roothash", ".roothash.p7s", ".usrhash", ".usrhash.p7s", ".verity", ".oci-config",
/// ".raw.tpmstate", ".raw.efinvramstate"
std::string_view suffix(Sibling kind) noexcept;

/// Whether it speaks for the bytes of one disk, and would contradict another's.
bool is_proof(Sibling kind) noexcept;

/// "web.roothash": the image's name (never its file's: "web.raw") and the suffix.
std::string sibling_name(const ImageName& image, Sibling kind);

/// The suffix of a sibling's file name; empty when it has none.
std::string_view sibling_suffix(std::string_view file_name) noexcept;

/// A file in the pool and what it is (storage/identity.hh).
struct NamedFile {
    std::string name;
    std::string identity;
    bool operator==(const NamedFile&) const = default;
};

/// The sibling of that kind as it stands: a regular file, a link to one or to nothing, and of
/// TpmState also a directory.
/// @throws Error
std::optional<NamedFile> find_sibling(const Pool& pool, const ImageName& image, Sibling kind);

/// All that stand beside an image.
std::vector<NamedFile> find_siblings(const Pool& pool, const ImageName& image);

/// The same for an image wherever it lies: beside its file and called after that, as for a version
/// in a directory NAME.v, or "gdb" in a file "gdb.sysext.raw". None of the running system's.
std::vector<NamedFile> find_siblings(const Image& image);

/// Those of them that are a proof of its bytes.
std::vector<NamedFile> find_proofs(const Pool& pool, const ImageName& image);

/// What to do about settings that lie where nothing can be changed.
enum class OutOfReach { LeaveOut, Refuse };

/// Settings of that name in the directories of the administrator (Pool::settings_directories()),
/// by their whole path.
/// @throws Error Denied: with Refuse, some lie on a read-only file system
std::vector<NamedFile> find_settings_elsewhere(const Pool& pool, const ImageName& image,
                                               OutOfReach out_of_reach = OutOfReach::LeaveOut);

} // namespace slipway::storage
