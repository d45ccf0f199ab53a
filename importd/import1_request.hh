// The arguments of org.freedesktop.import1 as submissions: every check that needs nothing but the
// arguments (import1.md §2), before anybody is asked for a password.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "jobs/service.hh"
#include "transfer/request.hh"

namespace slipway::importd {

/// Bits of the …Ex methods. The old ones have booleans for the first two.
inline constexpr std::uint64_t kForce = 1;
inline constexpr std::uint64_t kReadOnly = 2;
/// Of a pull: keep what is downloaded. Without it what the configuration says.
inline constexpr std::uint64_t kKeepDownload = 4;

struct PullArguments {
    transfer::Verb verb = transfer::Verb::PullTar;
    std::string url{};
    std::string local_name{}; ///< empty: the URL gives it
    std::string image_class = "machine";
    std::string verify_mode{}; ///< empty: signature
    std::uint64_t flags = 0;
};

struct ImportArguments {
    transfer::Verb verb = transfer::Verb::ImportTar;
    std::string local_name{};
    std::string image_class = "machine";
    std::uint64_t flags = 0;
};

struct ExportArguments {
    transfer::Verb verb = transfer::Verb::ExportTar;
    std::string local_name{};
    std::string image_class = "machine";
    std::string format{}; ///< empty: uncompressed
    std::uint64_t flags = 0;
};

/// What remains is the descriptor of an import or export, and the caller.
/// @throws Error InvalidArgument: which argument, what was found and what expected
jobs::Submission submission_of(const PullArguments& arguments);
jobs::Submission submission_of(const ImportArguments& arguments);
jobs::Submission submission_of(const ExportArguments& arguments);

/// @throws Error InvalidArgument
void check_class(std::string_view image_class, bool may_be_all);
void check_flags(std::uint64_t flags, std::uint64_t allowed);

} // namespace slipway::importd
