// The request of each verb, from the operands and the options that go with it.

#include "cli/job_request.hh"

#include <filesystem>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::cli {
namespace {

transfer::Request start_request(const Options& options, transfer::Verb verb) {
    transfer::Request request = options.job;
    request.id = transfer::make_id();
    request.verb = verb;
    request.pool = std::filesystem::absolute(options.pool);
    request.network.user_agent = "slipway/" SLIPWAY_VERSION;
    return request;
}

std::string given_name(const Invocation& asked) {
    return asked.operands.size() > 1 ? asked.operands[1] : "";
}

} // namespace

transfer::Request pull_tar_request(const Invocation& asked) {
    transfer::Request request = start_request(asked.options, transfer::Verb::PullTar);
    request.name = given_name(asked);
    request.url = asked.operands.at(0);
    request.verify = asked.options.verify.value_or("signature");
    return request;
}

transfer::Request import_tar_request(const Invocation& asked) {
    const std::string& file = asked.operands.at(0);
    transfer::Request request = start_request(asked.options, transfer::Verb::ImportTar);
    request.name = given_name(asked);
    request.verify = asked.options.verify.value_or("no");
    const bool nameless = request.name.empty() || request.name == "-";
    if (file.empty()) {
        throw Error(Kind::InvalidArgument, "import-tar: the file's name is empty");
    }
    if (file == "-" && nameless) {
        throw Error(Kind::InvalidArgument,
                    "import-tar: standard input has no name; expected slipway import-tar - NAME");
    }
    if (to_utf8(file) != file && nameless) {
        throw Error(Kind::InvalidArgument,
                    "import-tar: an image cannot be named after {}, which is not UTF-8; expected "
                    "slipway import-tar FILE NAME",
                    quoted(file));
    }
    const std::filesystem::path path = std::filesystem::absolute(file);
    if (file != "-" && to_utf8(path.native()) == path.native()) {
        request.path = path;
    }
    return request;
}

transfer::Request remove_request(const Options& options, const std::string& name) {
    transfer::Request request = start_request(options, transfer::Verb::Remove);
    request.name = name;
    return request;
}

} // namespace slipway::cli
