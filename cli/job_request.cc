// The request of each verb, from the operands and the options that go with it.

#include "cli/job_request.hh"

#include <filesystem>
#include <string_view>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "base/size.hh"
#include "stream/format.hh"

namespace slipway::cli {
namespace {

transfer::Request start_request(const Options& options, transfer::Verb verb) {
    transfer::Request request = options.job;
    request.id = transfer::make_id();
    request.verb = verb;
    request.image_class = options.image_class;
    request.pool = std::filesystem::absolute(options.pool);
    request.search = searched(options);
    request.network.user_agent = "slipway/" SLIPWAY_VERSION;
    return request;
}

std::string file_url(const std::filesystem::path& path) {
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-._~/"; // RFC 3986 §2.3, and the separator
    std::string url = "file://";
    for (const char byte : path.native()) {
        url += kPlain.find(byte) != std::string_view::npos
                   ? std::string(1, byte)
                   : fmt::format("%{:02X}", static_cast<unsigned char>(byte));
    }
    return url;
}

std::string given_name(const Invocation& asked) {
    return asked.operands.size() > 1 ? asked.operands[1] : "";
}

} // namespace

transfer::Request pull_request(transfer::Verb verb, const Invocation& asked) {
    transfer::Request request = start_request(asked.options, verb);
    request.name = given_name(asked);
    request.url = asked.operands.at(0);
    request.verify = asked.options.verify.value_or("signature");
    request.keep_download = asked.options.keep_download.value_or(false);
    return request;
}

transfer::Request verify_request(const Invocation& asked) {
    const std::string& what = asked.operands.at(0);
    if (what.empty()) {
        throw Error(Kind::InvalidArgument, "verify: expected a file, a URL or an image's name");
    }
    transfer::Request request = start_request(asked.options, transfer::Verb::Verify);
    request.verify = asked.options.verify.value_or("signature");
    std::error_code error;
    if (what.find("://") != std::string::npos) {
        request.url = what;
    } else if (what.find('/') != std::string::npos || std::filesystem::exists(what, error)) {
        request.url = file_url(std::filesystem::absolute(what).lexically_normal());
    } else {
        request.name = what;
    }
    return request;
}

transfer::Request import_request(transfer::Verb verb, const Invocation& asked) {
    const std::string_view word = transfer::word(verb);
    const std::string& file = asked.operands.at(0);
    transfer::Request request = start_request(asked.options, verb);
    request.name = given_name(asked);
    request.verify = asked.options.verify.value_or("no");
    const bool nameless = request.name.empty() || request.name == "-";
    if (file.empty()) {
        throw Error(Kind::InvalidArgument, "{}: the file's name is empty", word);
    }
    if (file == "-" && nameless) {
        throw Error(Kind::InvalidArgument,
                    "{}: standard input has no name; expected slipway {} - NAME", word, word);
    }
    if (to_utf8(file) != file && nameless) {
        throw Error(Kind::InvalidArgument,
                    "{}: an image cannot be named after {}, which is not UTF-8; expected slipway "
                    "{} FILE NAME",
                    word, quoted(file), word);
    }
    const std::filesystem::path path = std::filesystem::absolute(file);
    if (file != "-" && to_utf8(path.native()) == path.native()) {
        request.path = path;
    }
    return request;
}

transfer::Request import_fs_request(const Invocation& asked) {
    const std::string& directory = asked.operands.at(0);
    transfer::Request request = start_request(asked.options, transfer::Verb::ImportFs);
    request.name = given_name(asked);
    request.verify = "no";
    if (directory.empty()) {
        throw Error(Kind::InvalidArgument, "import-fs: the directory's name is empty");
    }
    const std::filesystem::path path = std::filesystem::absolute(directory);
    if (to_utf8(path.native()) == path.native()) {
        request.path = path;
    } else if (request.name.empty() || request.name == "-") {
        throw Error(Kind::InvalidArgument,
                    "import-fs: an image cannot be named after {}, which is not UTF-8; expected "
                    "slipway import-fs DIR NAME",
                    quoted(path.string()));
    }
    return request;
}

transfer::Request limit_request(const Invocation& asked) {
    transfer::Request request = start_request(asked.options, transfer::Verb::SetLimit);
    const std::string& limit = asked.operands.back();
    if (limit != "-" && limit != "none" && limit != "infinity") {
        try {
            request.limit_bytes = parse_size(limit);
        } catch (Error& error) {
            error.add_context("set-limit");
            error.add_advice(". Expected bytes, such as 2G, or \"-\" for no limit");
            throw;
        }
    }
    if (asked.operands.size() > 1) {
        request.name = asked.operands.front();
    }
    return request;
}

transfer::Request clean_request(const Options& options) {
    transfer::Request request = start_request(options, transfer::Verb::Clean);
    request.all = options.all;
    return request;
}

transfer::Request inspect_request(const Options& options, transfer::Verb verb,
                                  const std::string& name) {
    transfer::Request request = start_request(options, verb);
    request.name = name;
    return request;
}

transfer::Request rename_request(transfer::Verb verb, const Invocation& asked) {
    transfer::Request request = start_request(asked.options, verb);
    request.name = asked.operands.at(0);
    request.new_name = asked.operands.at(1);
    request.verify = "no";
    return request;
}

transfer::Request mark_request(const Invocation& asked) {
    transfer::Request request = start_request(asked.options, transfer::Verb::ReadOnly);
    request.name = asked.operands.at(0);
    try {
        request.read_only = asked.operands.size() < 2 || parse_truth(asked.operands[1]);
    } catch (Error& error) {
        error.add_context("read-only");
        throw;
    }
    return request;
}

transfer::Request export_request(transfer::Verb verb, const Invocation& asked) {
    transfer::Request request = start_request(asked.options, verb);
    request.name = asked.operands.at(0);
    request.verify = "no";
    request.checksum = asked.options.checksum;
    if (request.format.empty()) {
        request.format = stream::format_of_file(given_name(asked)).word;
    }
    stream::check_level(*stream::find_format(request.format), request.level);
    return request;
}

transfer::Request remove_request(const Options& options, const std::string& name) {
    transfer::Request request = start_request(options, transfer::Verb::Remove);
    request.name = name;
    return request;
}

} // namespace slipway::cli
