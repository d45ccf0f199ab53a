// The request of one job (docs/protocol.md §1): everything that is needed, as a value.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fetch/wire.hh"
#include "pull/unpack_tar.hh"

namespace slipway::transfer {

enum class Verb {
    PullTar,
    PullRaw,
    ImportTar,
    ImportRaw,
    ImportFs,
    Verify,
    Remove,
    Sweep,
};

/// "pull-tar", "import-raw", "verify", "remove", "sweep".
std::string_view word(Verb verb) noexcept;
bool is_pull(Verb verb) noexcept;
/// Whether the image is a disk, not a tree.
bool brings_disk(Verb verb) noexcept;

/// Which of the files that may lie beside an image are asked for. A tree has settings only.
struct SiblingWishes {
    bool settings = true;           ///< .nspawn
    bool roothash = true;           ///< .roothash, .usrhash
    bool roothash_signature = true; ///< .roothash.p7s, .usrhash.p7s
    bool verity = true;             ///< .verity
};

struct Request {
    std::string id;  ///< 16 hexadecimal digits: see make_id()
    std::string job; ///< the same of the first attempt, when this is not it; else empty
    Verb verb = Verb::PullTar;
    std::filesystem::path pool;
    std::string name;                 ///< empty or "-": derived from the URL or file name; of
                                      ///< Verify without a URL the image whose origin is asked
    std::string url;                  ///< of a pull or what is verified, secrets included
    std::filesystem::path path;       ///< of an import; empty: the descriptor that came along
    std::string verify = "signature"; ///< --verify as given; an import takes "no" or a digest
    std::string checksum_url;         ///< of a pull: the document, instead of the search
    std::string signature_url;        ///< of a pull: the signature, instead of the search
    std::filesystem::path state;      ///< where the newest signatures are kept; empty: nowhere
    bool refuse_stale = false;        ///< a signature older than one accepted from there before
    bool dry_run = false;             ///< of a pull: everything is looked at, nothing is stored
    bool force = false;
    bool read_only = false;
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
