// The first datagram of a conversation carries the protocol's number.

#include "verify/wire.hh"

#include <algorithm>
#include <array>

#include "verify/json.hh"

namespace slipway::verify {
namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "a request to slipway-check";
constexpr int kProtocol = 1;

struct FormRow {
    CheckForm form;
    std::string_view verb;
    std::string_view word; ///< of the member "form"
};
constexpr std::array kForms{
    FormRow{CheckForm::Detached, "verify", "detached"},
    FormRow{CheckForm::Clearsigned, "verify", "clearsigned"},
    FormRow{CheckForm::Streamed, "verify", "streamed"},
    FormRow{CheckForm::Foresee, "verify", "foresee"},
    FormRow{CheckForm::ListKeys, "list-keys", ""},
};

void read_first(const json& value, std::string_view text, CheckMessage& message) {
    const auto verb = value.at("do").get<std::string>();
    const auto word = value.value("form", "");
    const auto* row = std::find_if(kForms.begin(), kForms.end(), [&](const FormRow& r) {
        return r.verb == verb && r.word == word;
    });
    if (value.at("protocol") != kProtocol || row == kForms.end()) {
        throw Error(Kind::Internal, "{} is of another protocol: {}", kWhat, quoted(text, 80));
    }
    message.form = row->form;
    message.engine_patience =
        std::chrono::milliseconds(value.value("engine_patience_ms", std::int64_t{0}));
}

} // namespace

std::string to_json(const CheckMessage& message, bool first) {
    json rings = json::array();
    for (const std::string& ring : message.rings) {
        rings.push_back(to_utf8(ring));
    }
    json value{{"rings", std::move(rings)}, {"more", message.more}};
    if (first) {
        const FormRow& row = kForms.at(static_cast<std::size_t>(message.form));
        value["protocol"] = kProtocol;
        value["do"] = row.verb;
        if (!row.word.empty()) {
            value["form"] = row.word;
        }
        if (message.engine_patience.count() > 0) {
            value["engine_patience_ms"] = message.engine_patience.count();
        }
    }
    return value.dump();
}

CheckMessage check_message_from_json(std::string_view text, bool first) {
    const json value = parse_object(text, kWhat);
    return read_members(kWhat, [&] {
        CheckMessage message;
        if (first) {
            read_first(value, text, message);
        }
        message.rings = value.at("rings").get<std::vector<std::string>>();
        message.more = value.at("more").get<bool>();
        return message;
    });
}

} // namespace slipway::verify
