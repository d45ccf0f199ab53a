// The request itself is read by transfer/request.cc; here stands what differs for the daemon.

#include "importd/submit_request.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "importd/descriptor.hh"
#include "importd/import1_request.hh"
#include "storage/image_name.hh"

namespace slipway::importd {
namespace {

using Json = nlohmann::json;
using transfer::Verb;

Json parse_object(std::string_view text, std::string_view what) {
    if (text.size() > kMaxRequestBytes) {
        throw Error(Kind::Limit, "the {} has {} bytes; at most {} are taken", what, text.size(),
                    kMaxRequestBytes);
    }
    Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) {
        throw Error(Kind::InvalidArgument,
                    "the {} {} is not a JSON object; docs/protocol.md §6 says what is expected",
                    what, quoted(text, 60));
    }
    return object;
}

std::string take_text(Json& object, const char* member) {
    const auto found = object.find(member);
    if (found == object.end()) {
        return "";
    }
    if (!found->is_string()) {
        throw Error(Kind::InvalidArgument, "the request's {} is no string", member);
    }
    std::string text = found->get<std::string>();
    object.erase(found);
    return text;
}

// Where images lie and who may read which file is the daemon's business.
void take_what_is_ours(Json& object) {
    static_cast<void>(take_text(object, "id"));
    if (const auto search = object.find("search"); search != object.end()) {
        if (!search->empty()) {
            throw Error(Kind::InvalidArgument,
                        "the request says where to search; the daemon takes a class");
        }
        object.erase(search);
    }
    for (const char* member : {"pool", "path", "state", "cache"}) {
        if (const std::string text = take_text(object, member); !text.empty()) {
            throw Error(Kind::InvalidArgument,
                        "the request names the {} {}; the daemon takes a class and a descriptor",
                        member, quoted(text));
        }
    }
}

// What somebody wrote who wanted nothing special is no wish.
std::vector<std::string> wishes_of_root(const Json& object) {
    static const Json kNothing = Json::parse(to_json(transfer::Request{}));
    // Quota slows the whole file system down.
    constexpr std::array<const char*, 5> kMembers{"network", "keyrings", "limits",
                                                  "privileged_xattrs", "enable_quota"};
    std::vector<std::string> wishes;
    for (const char* member : kMembers) {
        const auto found = object.find(member);
        if (found == object.end()) {
            continue;
        }
        Json whole = kNothing.at(member);
        if (whole.is_object() && found->is_object()) {
            whole.update(*found);
        } else {
            whole = *found;
        }
        if (whole != kNothing.at(member)) {
            wishes.emplace_back(member);
        }
    }
    // What a document of this host says would be quoted to whoever asks.
    for (const char* member : {"checksum_url", "signature_url"}) {
        const std::string url = object.value(member, Json()).is_string() ? object[member] : "";
        if (!url.empty() && Url::parse(url).is_file()) {
            wishes.emplace_back(member);
        }
    }
    return wishes;
}

transfer::Request read_request(Json object) {
    // Both are the daemon's to give.
    object["id"] = std::string(16, '0');
    object["pool"] = "/";
    transfer::Request request = transfer::parse_request(object.dump());
    request.id.clear();
    request.pool.clear();
    request.cache_size_bytes = 0; // as is how much may be kept
    request.cache_age_s = 0;
    return request;
}

// A limit without a name, and a cleaning, are about the pool.
bool may_be_nameless(Verb verb) {
    return transfer::is_pull(verb) || verb == Verb::SetLimit || verb == Verb::Clean;
}

void check_new_name(const transfer::Request& request) {
    const bool is_wanted = request.verb == Verb::Clone || request.verb == Verb::Rename;
    if (is_wanted) {
        static_cast<void>(storage::ImageName::parse(request.new_name));
    } else if (!request.new_name.empty()) {
        throw Error(Kind::InvalidArgument, "{} takes no new name; {} came",
                    transfer::word(request.verb), quoted(request.new_name));
    }
}

void check_name(const transfer::Request& request) {
    check_new_name(request);
    if (request.verb == Verb::Clean && !request.name.empty()) {
        throw Error(Kind::InvalidArgument, "clean is about a pool and takes no name; {} came",
                    quoted(request.name));
    }
    const bool is_given =
        !request.name.empty() && (request.name != "-" || transfer::is_about_stored(request.verb));
    if (is_given) {
        static_cast<void>(storage::ImageName::parse(request.name));
    } else if (!may_be_nameless(request.verb)) {
        throw Error(Kind::InvalidArgument, "{} needs a name for the image",
                    transfer::word(request.verb));
    }
}

Fd take_descriptor(Verb verb, std::vector<Fd> descriptors) {
    const std::size_t expected = transfer::is_import(verb) || transfer::is_export(verb) ? 1 : 0;
    if (descriptors.size() != expected) {
        throw Error(Kind::InvalidArgument, "{} takes {} descriptors, {} came", transfer::word(verb),
                    expected, descriptors.size());
    }
    if (descriptors.empty()) {
        return {};
    }
    const Wanted wanted = transfer::is_export(verb) ? Wanted::Sink
                          : verb == Verb::ImportFs  ? Wanted::Directory
                                                    : Wanted::Stream;
    if (const auto wrong = find_wrong(descriptors.front().get(), wanted)) {
        throw Error(Kind::InvalidArgument, "{}", wrong->text);
    }
    return std::move(descriptors.front());
}

} // namespace

SubmitRequest parse_submit_request(std::string_view json, std::vector<Fd> descriptors) {
    Json object = parse_object(json, "request");
    take_what_is_ours(object);
    SubmitRequest result;
    jobs::Submission& submission = result.submission;
    if (std::string image_class = take_text(object, "class"); !image_class.empty()) {
        submission.image_class = std::move(image_class);
    }
    check_class(submission.image_class, false);
    submission.source = take_text(object, "source");
    result.of_root = wishes_of_root(object);
    submission.says_keep = object.contains("keep_download");
    const bool is_verify_given = object.contains("verify");
    submission.request = read_request(std::move(object));
    transfer::Request& request = submission.request;
    if (!is_verify_given) {
        request.verify.clear(); // what the configuration says
    }
    const auto& wishes = result.of_root;
    submission.own_network = std::find(wishes.begin(), wishes.end(), "network") != wishes.end();
    if (request.verb == Verb::Sweep) {
        throw Error(Kind::InvalidArgument, "'sweep' is what the daemon does by itself");
    }
    if (request.verb == Verb::Verify || request.verb == Verb::Inspect ||
        request.verb == Verb::InspectDisk) {
        throw Error(Kind::InvalidArgument, "'{}' changes nothing and is no job of the daemon",
                    transfer::word(request.verb));
    }
    if (request.dry_run) {
        throw Error(Kind::InvalidArgument, "a dry run stores nothing and is no job of the daemon");
    }
    if (transfer::is_pull(request.verb)) {
        static_cast<void>(Url::parse(request.url));
    }
    check_name(request);
    submission.input = take_descriptor(request.verb, std::move(descriptors));
    if (submission.source.empty() && submission.input) {
        submission.source = describe(submission.input.get());
    }
    return result;
}

jobs::HistoryQuery parse_history_query(std::string_view json) {
    jobs::HistoryQuery query;
    if (json.empty()) {
        return query;
    }
    const Json object = parse_object(json, "query");
    const auto read = [&object](const char* member, std::uint32_t& into) {
        const auto found = object.find(member);
        if (found == object.end()) {
            return;
        }
        if (!found->is_number_unsigned() || found->get<std::uint64_t>() > UINT32_MAX) {
            throw Error(Kind::InvalidArgument,
                        "the query's {} is {}; expected a whole number from 0", member,
                        escaped(found->dump(), 60));
        }
        into = found->get<std::uint32_t>();
    };
    read("limit", query.limit);
    read("before", query.before);
    read("job", query.number);
    return query;
}

} // namespace slipway::importd
