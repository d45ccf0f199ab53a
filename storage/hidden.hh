// The names that a job's things have in a pool while nobody shall see them: ".#slipway-ID" and
// beside it its lock, its plan and the siblings of its image; and the lock files of images. systemd
// takes no name that begins with ".#" for an image.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::storage {

struct HiddenNames {
    /// @param id  16 lower-case hexadecimal digits
    explicit HiddenNames(std::string_view id);
    std::string content; ///< ".#slipway-ID": the staging, or what was taken away
    std::string lock;    ///< ".#slipway-ID.lck"
    std::string plan;    ///< ".#slipway-ID.plan"
    std::string scratch; ///< ".#slipway-ID.scratch": for an instant, where files need a name

    /// ".#slipway-ID.roothash": what becomes a sibling of the image.
    std::string sibling(std::string_view suffix) const { return content + std::string(suffix); }
};

bool is_job_id(std::string_view text) noexcept;

/// For work of our own that no request has given a number to: 16 random digits.
std::string make_job_id();

/// The job that a name in a pool belongs to; nothing when it is not exactly one of those names.
std::optional<std::string> find_job_id(std::string_view file_name);

/// The file "web" whose lock file ".#web.lck" is; nothing when the name is no lock file of an
/// image, ours or systemd's.
std::optional<std::string> find_locked_file(std::string_view file_name);

} // namespace slipway::storage
