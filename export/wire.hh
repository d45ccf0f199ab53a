// What the keeper and `slipway-unpack export-tar` or `export-raw` say to each other
// (docs/protocol.md §3).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/outcome.hh"
#include "stream/algorithm.hh"
#include "stream/format.hh"

namespace slipway::exports {

enum class Work {
    Tar, ///< the tree becomes an archive
    Raw, ///< the disk is copied, or packed
};

struct ExportRequest {
    Work work = Work::Tar;
    stream::Codec codec = stream::Codec::Plain;
    unsigned level = 0;                          ///< 0: the format's own choice
    unsigned threads = 0;                        ///< 0: as many as there are cores
    std::vector<stream::Algorithm> algorithms{}; ///< of the digests of what is written
    bool privileged_xattrs = false;              ///< of Tar
};

struct ExportProgress {
    std::uint64_t read_bytes = 0; ///< of the archive before packing, or of the disk
    std::uint64_t entries = 0;
};
struct ExportWarning {
    std::string text;
};
struct Exported {
    stream::Digests digests{};
    std::uint64_t read_bytes = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t entries = 0; ///< of a tree
    std::uint64_t sockets = 0; ///< left out
};
struct ExportFailure {
    Kind kind = Kind::Other;
    std::string text;
};
using ExportAnswer = std::variant<ExportProgress, ExportWarning, Exported, ExportFailure>;

/// "export-tar", "export-raw": also how the program is started for it.
std::string_view word(Work work) noexcept;

std::string to_json(const ExportRequest& request);
std::string to_json(const ExportAnswer& answer);
/// @throws Error Internal: not what the protocol says
ExportRequest parse_export_request(std::string_view json);
ExportAnswer parse_export_answer(std::string_view json);

} // namespace slipway::exports
