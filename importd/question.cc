// Details of images that are there are machined's, with its words for the verbs.

#include "importd/question.hh"

#include "base/url.hh"
#include "transfer/request.hh"

namespace slipway::importd {
namespace {

using transfer::Request;
using transfer::Verb;
using Details = std::map<std::string, std::string>;

// "tar" of "pull-tar", as in the peer's details; of other verbs the verb.
std::string type_of(std::string_view verb) {
    for (const std::string_view kind : {"pull-", "import-", "export-"}) {
        if (verb.starts_with(kind)) {
            return std::string(verb.substr(kind.size()));
        }
    }
    return std::string(verb);
}

// machined's word: "mark_read_only", "set_pool_limit".
std::string_view machine1_verb(const Request& request) {
    switch (request.verb) {
    case Verb::Clone:
        return "clone";
    case Verb::Rename:
        return "rename";
    case Verb::ReadOnly:
        return "mark_read_only";
    case Verb::SetLimit:
        return request.name.empty() ? "set_pool_limit" : "set_limit";
    case Verb::Clean:
        return "clean_pool";
    default:
        return "remove";
    }
}

Question transfer_question(std::string_view action, const jobs::Submission& submission) {
    const Request& request = submission.request;
    return {action,
            {{"remote", request.url.empty() ? "" : Url::parse(request.url).masked()},
             {"local", request.name},
             {"class", submission.image_class},
             {"type", type_of(transfer::word(request.verb))},
             {"verify", transfer::is_pull(request.verb) ? request.verify : ""}}};
}

Question store_question(const jobs::Submission& submission) {
    const Request& request = submission.request;
    Details details{{"verb", std::string(machine1_verb(request))},
                    {"class", submission.image_class}};
    if (request.verb == Verb::Clean) {
        details["mode"] = request.all ? "all" : "hidden";
    }
    if (request.name.empty()) {
        return {kActionManageMachines, std::move(details)};
    }
    details["image"] = request.name;
    if (request.verb == Verb::SetLimit) {
        details["machine"] = request.name; // what machined calls it there
    }
    if (!request.new_name.empty()) {
        details["new_name"] = request.new_name;
    }
    if (request.verb == Verb::Clone || request.verb == Verb::ReadOnly) {
        details["read_only"] = request.read_only ? "1" : "0";
    }
    return {kActionManageImages, std::move(details)};
}

} // namespace

Question question_of(const jobs::Submission& submission) {
    const Verb verb = submission.request.verb;
    if (transfer::is_pull(verb)) {
        return transfer_question(kActionPull, submission);
    }
    if (transfer::is_export(verb)) {
        return transfer_question(kActionExport, submission);
    }
    return transfer::is_about_stored(verb) ? store_question(submission)
                                           : transfer_question(kActionImport, submission);
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
