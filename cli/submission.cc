// The JSON of a request less that of a request with nothing but defaults.

#include "cli/submission.hh"

#include <filesystem>

#include "base/json.hh"
#include "base/quoted.hh"
#include "transfer/image_name.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::json;

// Takes away what is the same in `defaults`, members of members too.
void drop_defaults(Json& object, const Json& defaults) {
    for (auto member = object.begin(); member != object.end();) {
        const auto same = defaults.find(member.key());
        if (same != defaults.end() && member->is_object() && same->is_object()) {
            drop_defaults(*member, *same);
        }
        const bool empty = member->is_object() && member->empty();
        member = empty || (same != defaults.end() && *same == *member) ? object.erase(member)
                                                                       : std::next(member);
    }
}

} // namespace

std::string submission(const transfer::Request& request, const std::string& source,
                       const Said& said) {
    transfer::Request asked = request;
    const bool is_about_pool = transfer::is_about_stored(request.verb) && request.name.empty();
    if (!transfer::is_pull(request.verb) && !is_about_pool) {
        asked.name = transfer::settle_name(request).text();
        asked.path.clear();
    }
    asked.id.clear();
    asked.pool.clear();
    asked.search.clear();
    asked.state.clear();
    asked.network.user_agent = fetch::Settings{}.user_agent;
    Json object = Json::parse(transfer::to_json(asked));
    drop_defaults(object, Json::parse(transfer::to_json(transfer::Request{})));
    object["protocol"] = 1;
    object["verb"] = transfer::word(request.verb);
    object["name"] = to_utf8(asked.name);
    if (said.keep_download) {
        object["keep_download"] = request.keep_download;
    }
    if (said.verify || !transfer::is_pull(request.verb)) {
        object["verify"] = request.verify;
    }
    if (!source.empty()) {
        object["source"] = to_utf8(source);
    }
    return object.dump();
}

std::string source_of(const std::string& operand) {
    return operand == "-" ? operand
                          : to_utf8(std::filesystem::absolute(operand).lexically_normal().native());
}

} // namespace slipway::cli
