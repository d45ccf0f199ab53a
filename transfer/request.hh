// The request of one job (docs/protocol.md §1): everything that is needed, as a value.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fetch/wire.hh"
#include "pull/unpack_tar.hh"
#include "storage/image_class.hh"

namespace slipway::transfer {

enum class Verb {
    PullTar,
    PullRaw,
    ImportTar,
    ImportRaw,
    ImportFs,
    Verify,
    Clone,
    Rename,
    ReadOnly, ///< marks an image, or takes the mark away
    SetLimit,
    Inspect,     ///< what a system says of itself: host name, release
    InspectDisk, ///< how a disk boots
    ExportTar,
    ExportRaw,
    Remove,
    Clean,
    Sweep,
};

/// "pull-tar", "import-raw", "read-only", "set-limit", "export-tar", "remove" …
std::string_view word(Verb verb) noexcept;
bool is_pull(Verb verb) noexcept;
/// Of something that the caller opens.
bool is_import(Verb verb) noexcept;
/// Whether the image is a disk, not a tree.
bool brings_disk(Verb verb) noexcept;
bool is_export(Verb verb) noexcept;
/// Whether it is about images that are there already: neither a pull nor an import.
bool is_about_stored(Verb verb) noexcept;

/// Which of the files that may lie beside an image are asked for. A tree has settings only.
struct SiblingWishes {
    bool settings = true;           ///< .nspawn
    bool roothash = true;           ///< .roothash, .usrhash
    bool roothash_signature = true; ///< .roothash.p7s, .usrhash.p7s
    bool verity = true;             ///< .verity
};

inline constexpr std::uint64_t kNoLimit = UINT64_MAX;

struct Request {
    std::string id;  ///< 16 hexadecimal digits: see make_id()
    std::string job; ///< the same of the first attempt, when this is not it; else empty
    Verb verb = Verb::PullTar;
    storage::ImageClass image_class = storage::ImageClass::Machine;
    std::filesystem::path pool; ///< where images are brought and cloned to
    /// Where an image of a name is looked for, in this order; empty: in the pool alone.
    std::vector<std::filesystem::path> search;
    std::string name;                 ///< empty or "-": derived from the URL or file name; of
                                      ///< Verify without a URL the image whose origin is asked;
                                      ///< of SetLimit empty: the pool
    std::string new_name;             ///< of Clone and Rename
    std::vector<std::string> names;   ///< of Clean: these alone; empty: whatever there is
    std::string url;                  ///< of a pull or what is verified, secrets included
    std::filesystem::path path;       ///< of an import; empty: the descriptor that came along
    std::string verify = "signature"; ///< --verify as given; an import takes "no" or a digest
    std::string checksum_url;         ///< of a pull: the document, instead of the search
    std::string signature_url;        ///< of a pull: the signature, instead of the search
    std::filesystem::path state;      ///< where the newest signatures are kept; empty: nowhere
    bool refuse_stale = false;        ///< a signature older than one accepted from there before
    bool dry_run = false;             ///< of a pull: everything is looked at, nothing is stored
    bool force = false;
    bool read_only = false;               ///< the mark that an image gets
    bool fresh = false;                   ///< of Clone: it becomes a machine of its own
    bool all = false;                     ///< of Clean: images that are not hidden, too
    std::uint64_t limit_bytes = kNoLimit; ///< of SetLimit
    bool enable_quota = false;            ///< of SetLimit: where it is off
    std::string format;                   ///< of an export: "uncompressed", "gzip", "xz", "zstd",
                                          ///< "bzip2", "lz4"; empty: uncompressed
    unsigned level = 0;                   ///< of an export; 0: the format's default
    bool checksum = false;                ///< of an export: its SHA-256 is said at the end
    std::filesystem::path cache;          ///< where downloads are kept; empty: nowhere
    std::uint64_t cache_size_bytes = 0;   ///< at most so many in it; 0: the default
    std::uint64_t cache_age_s = 0; ///< and none that was not used for so long; 0: the default
    bool keep_download = false;    ///< of a pull
    bool offline = false;          ///< of a pull: from the cache, no server is asked
    std::vector<std::filesystem::path> keyrings; ///< instead of the system's when not empty
    SiblingWishes siblings;                      ///< of a pull
    pull::TarOptions tar;
    pull::Budget budget;            ///< --max-size, --max-ratio, --max-entries
    std::uint64_t memory_bytes = 0; ///< for codecs; 0: the default
    fetch::Settings network;
};

/// By which an image tells the job that stored it, whichever attempt it was.
const std::string& job_id(const Request& request) noexcept;

/// 16 random hexadecimal digits.
std::string make_id();

/// One line, without the newline.
/// @throws Error InvalidArgument: a path that is not UTF-8 (its file can be passed as a descriptor)
std::string to_json(const Request& request);
/// @throws Error InvalidArgument: what is missing or wrong
Request parse_request(std::string_view json);

} // namespace slipway::transfer
