// What a job says while it runs, one JSON object a line (docs/protocol.md §1).

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/outcome.hh"
#include "disk/boot_ways.hh"

namespace slipway::transfer {

struct Started {
    std::string id;
    std::string verb;
    std::string name;
    std::string source;   ///< masked URL or path
    std::int32_t pid = 0; ///< of slipway-transfer; 0: it did not say
};

/// verify, siblings, download, unpack, copy, snapshot, sync, commit, export, remove.
struct StageEntered {
    std::string stage;
};

struct Progress {
    std::string stage;
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;          ///< 0: unknown
    std::uint64_t rate = 0;                 ///< bytes a second, over the last seconds
    std::optional<std::uint64_t> entries{}; ///< of a tree
    std::uint64_t unpacked_bytes = 0;
};

enum class LogLevel { Debug, Info, Notice, Warning };

struct LogLine {
    LogLevel level = LogLevel::Info;
    std::string text;
};

struct VerdictReached {
    std::string word;
    std::string text;
    std::string key;
    std::string algorithm;
    std::string digest;
};

/// A document or signature that was looked for beside the image, and what it said.
struct ProofSeen {
    std::string name; ///< "SHA256SUMS.gpg"
    int status = 0;   ///< the server's answer: 200, 404
    std::string text; ///< "signed by 7D8D… (Ubuntu)"; empty when it is not there
};

/// What a stored system says of itself; members that it does not say are empty.
struct Inspected {
    std::string host_name;
    std::string machine_id;                          ///< 32 hexadecimal digits
    std::map<std::string, std::string> machine_info; ///< machine-info(5)
    std::map<std::string, std::string> os_release;   ///< os-release(5)
};

/// How a stored disk boots.
struct DiskInspected {
    disk::BootWays boots;
};

/// An image, or a leftover, that a cleaning has taken away.
struct Cleaned {
    std::string name;
    std::optional<std::uint64_t> freed_bytes; ///< nothing: not known
};

enum class Outcome { Done, Failed, Canceled };

struct Ended {
    Outcome outcome = Outcome::Failed;
    int status = 1;        ///< exit status of base/outcome.def
    std::string kind{};    ///< on failure: word of the kind
    std::string verdict{}; ///< on a refusal: its word
    std::string text{};    ///< the one sentence
    std::string name{};
    std::string path{};
    std::string type{};
    std::string digest{};
    std::vector<std::string> siblings{};       ///< names of what was stored beside the image
    std::optional<std::uint64_t> size_bytes{}; ///< of an export: what was written
};

using Event = std::variant<Started, StageEntered, Progress, LogLine, ProofSeen, VerdictReached,
                           Inspected, DiskInspected, Cleaned, Ended>;

/// Without the newline.
std::string to_json(const Event& event);
/// @throws Error Internal: not what the protocol says
Event parse_event(std::string_view json);

} // namespace slipway::transfer
