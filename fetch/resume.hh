// What an answer means for a download that has come so far: the one decision by which two versions
// of a file are never spliced. Pure: values in, a value out.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fetch/response.hh"

namespace slipway::fetch {

/// How far a download has come.
struct Progress {
    std::uint64_t had_bytes = 0;              ///< of the body, handed on or about to be
    std::optional<std::uint64_t> total_bytes; ///< as announced
    std::string validator;                    ///< of the version being taken; strong, or empty
    std::string not_resumable;                ///< why `validator` is empty
    bool skipped_before = false;              ///< a 200 was read again from its start already

    bool operator==(const Progress&) const = default;
};

enum class Action {
    Take,      ///< the body is what comes next
    Skip,      ///< the body is the whole again, the same version: skip what was had
    Complete,  ///< everything was had already
    Redirect,  ///< the file lies elsewhere
    ComeAgain, ///< the server asks for patience
    Conclude,  ///< a final answer without a body to take
    Lost,      ///< a final answer without a body, in the middle of the file
    StartOver, ///< another version, or one that cannot be proven to be the same
    Refuse,    ///< the server contradicts itself
};

struct Decision {
    Action action = Action::Refuse;
    std::string reason; ///< for people; of ComeAgain, Lost, StartOver and Refuse

    bool operator==(const Decision&) const = default;
};

/// What to do with this answer. When nothing was had the whole was asked for, else the rest with
/// Range and If-Range.
Decision decide(const Progress& progress, const Response& response);

/// Whether an answer to HEAD may speak of the method and not of the file, so that only GET tells.
bool is_about_head(int status) noexcept;

/// What is known of the version that this answer, of Action::Take with nothing had, begins.
Progress begin_progress(const Response& response);

/// "5 of 10 bytes", "5 bytes of an unknown total".
std::string amount(const Progress& progress);

} // namespace slipway::fetch
