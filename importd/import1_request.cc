// Order of the checks: import1.md §3, less polkit, which comes after them here: nobody should type
// a password for a call that cannot succeed.

#include "importd/import1_request.hh"

#include <algorithm>
#include <array>

#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "storage/image_name.hh"

namespace slipway::importd {
namespace {

std::string parse_verify_mode(const std::string& mode) {
    constexpr std::array<std::string_view, 3> kModes{"no", "checksum", "signature"};
    if (mode.empty()) {
        return "signature";
    }
    if (std::find(kModes.begin(), kModes.end(), mode) == kModes.end()) {
        throw Error(Kind::InvalidArgument,
                    "verification mode {} is not known; expected no, checksum or signature",
                    quoted(mode));
    }
    return mode;
}

void check_url(const std::string& url) {
    try {
        static_cast<void>(Url::parse(url));
    } catch (Error& error) {
        error.add_context("the URL is invalid");
        throw;
    }
}

// Words of docs/protocol.md §1; the first is what an empty one means.
void check_format(const std::string& format) {
    constexpr std::array<std::string_view, 6> kFormats{"uncompressed", "gzip", "bzip2",
                                                       "xz",           "zstd", "lz4"};
    if (!format.empty() && std::find(kFormats.begin(), kFormats.end(), format) == kFormats.end()) {
        throw Error(Kind::InvalidArgument, "the format {} is not known; expected {}",
                    quoted(format), fmt::join(kFormats, ", "));
    }
}

} // namespace

void check_class(std::string_view image_class, bool may_be_all) {
    if (!jobs::is_image_class(image_class) && !(may_be_all && image_class.empty())) {
        throw Error(Kind::InvalidArgument,
                    "image class {} is not known; expected machine, portable, sysext or confext",
                    quoted(image_class));
    }
}

void check_flags(std::uint64_t flags, std::uint64_t allowed) {
    if ((flags & ~allowed) != 0) {
        throw Error(Kind::InvalidArgument, "the flags {:#x} are invalid; known here are {:#x}",
                    flags, allowed);
    }
}

jobs::Submission submission_of(const PullArguments& arguments) {
    check_class(arguments.image_class, false);
    check_flags(arguments.flags, kForce | kReadOnly | kKeepDownload);
    check_url(arguments.url);
    jobs::Submission submission;
    submission.image_class = arguments.image_class;
    submission.one_per_url = true;
    transfer::Request& request = submission.request;
    request.verb = arguments.verb;
    request.name = arguments.local_name;
    request.url = arguments.url;
    request.verify = parse_verify_mode(arguments.verify_mode);
    request.force = (arguments.flags & kForce) != 0;
    request.read_only = (arguments.flags & kReadOnly) != 0;
    request.keep_download = (arguments.flags & kKeepDownload) != 0;
    submission.says_keep = request.keep_download; // else what the configuration says
    request.siblings.settings = arguments.image_class == "machine";
    if (!request.name.empty()) {
        static_cast<void>(storage::ImageName::parse(request.name));
    }
    return submission;
}

jobs::Submission submission_of(const ImportArguments& arguments) {
    check_class(arguments.image_class, false);
    check_flags(arguments.flags, kForce | kReadOnly);
    static_cast<void>(storage::ImageName::parse(arguments.local_name));
    if (arguments.local_name == "-") {
        throw Error(Kind::InvalidArgument, "an import needs a name for the image; '-' is none");
    }
    jobs::Submission submission;
    submission.image_class = arguments.image_class;
    transfer::Request& request = submission.request;
    request.verb = arguments.verb;
    request.name = arguments.local_name;
    request.verify = "no";
    request.force = (arguments.flags & kForce) != 0;
    request.read_only = (arguments.flags & kReadOnly) != 0;
    return submission;
}

// Order of the checks: name before descriptor.
jobs::Submission submission_of(const ExportArguments& arguments) {
    check_class(arguments.image_class, false);
    check_flags(arguments.flags, 0);
    static_cast<void>(storage::ImageName::parse(arguments.local_name));
    check_format(arguments.format);
    jobs::Submission submission;
    submission.image_class = arguments.image_class;
    submission.request.verb = arguments.verb;
    submission.request.name = arguments.local_name;
    submission.request.verify = "no";
    submission.request.format = arguments.format;
    return submission;
}

} // namespace slipway::importd
