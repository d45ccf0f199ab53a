// Order of the checks: import1.md §3, less polkit, which comes after them here: nobody should type
// a password for a call that cannot succeed.

#include "importd/import1_request.hh"

#include <algorithm>
#include <array>

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

std::string_view action_of(transfer::Verb verb) {
    if (verb == transfer::Verb::Remove) {
        return kActionManageImages;
    }
    return transfer::is_pull(verb) ? kActionPull : kActionImport;
}

// "tar" of "pull-tar", as in the peer's details.
std::string type_of(std::string_view verb) {
    return std::string(verb.substr(verb.find('-') + 1));
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

Question question_of(const jobs::Submission& submission) {
    const transfer::Request& request = submission.request;
    return {action_of(request.verb),
            {{"remote", request.url.empty() ? "" : Url::parse(request.url).masked()},
             {"local", request.name},
             {"class", submission.image_class},
             {"type", type_of(transfer::word(request.verb))},
             {"verify", transfer::is_pull(request.verb) ? request.verify : ""}}};
}

// The details of the job, so that a rule written for its start does not stumble over their absence.
Question cancel_question_of(const transfer::JobRecord& job, std::string_view action) {
    const bool is_pull = job.verb.starts_with("pull-");
    return {action,
            {{"remote", is_pull ? job.source : ""},
             {"local", job.local},
             {"class", job.image_class},
             {"type", type_of(job.verb)},
             {"verify", job.verify}},
            job.uid};
}

} // namespace slipway::importd
