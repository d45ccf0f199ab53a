// What `Submit` and `History` of io.slipway.Importd are asked, as JSON (docs/protocol.md §6).

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hh"
#include "jobs/service.hh"

namespace slipway::importd {

inline constexpr std::size_t kMaxRequestBytes = 64 * 1024;

struct SubmitRequest {
    jobs::Submission submission; ///< the caller is still missing
    /// Members that are taken from root alone and ask for something: "network", "limits" …
    std::vector<std::string> of_root{};
};

/// Checks the descriptors as well.
/// @throws Error InvalidArgument: what is missing or wrong
SubmitRequest parse_submit_request(std::string_view json, std::vector<Fd> descriptors);

/// An empty text asks for nothing special.
/// @throws Error InvalidArgument
jobs::HistoryQuery parse_history_query(std::string_view json);

} // namespace slipway::importd
