// The first datagram of a conversation carries the protocol's number.

#include "verify/wire.hh"

#include "verify/json.hh"

namespace slipway::verify {
namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "a request to slipway-check";
constexpr int kProtocol = 1;

} // namespace

std::string to_json(const CheckMessage& message, bool first) {
    json rings = json::array();
    for (const std::string& ring : message.rings) {
        rings.push_back(to_utf8(ring));
    }
    json value{{"rings", std::move(rings)}, {"more", message.more}};
    if (first) {
        value["protocol"] = kProtocol;
        value["do"] = "verify";
        value["form"] = message.clearsigned ? "clearsigned" : "detached";
    }
    return value.dump();
}

CheckMessage check_message_from_json(std::string_view text, bool first) {
    const json value = parse_object(text, kWhat);
    return read_members(kWhat, [&] {
        CheckMessage message;
        if (first) {
            const auto form = value.at("form").get<std::string>();
            message.clearsigned = form == "clearsigned";
            if (value.at("protocol") != kProtocol || value.at("do") != "verify" ||
                (form != "detached" && form != "clearsigned")) {
                throw Error(Kind::Internal, "{} is of another protocol: {}", kWhat,
                            quoted(text, 80));
            }
        }
        message.rings = value.at("rings").get<std::vector<std::string>>();
        message.more = value.at("more").get<bool>();
        return message;
    });
}

} // namespace slipway::verify
