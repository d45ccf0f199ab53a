// A read document on its way from slipway-unpack to the keeper (docs/protocol.md §3).

#include "base/error.hh"
#include "base/quoted.hh"
#include "verify/checksum_file.hh"
#include "verify/json.hh"

namespace slipway::verify {
namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "an answer about a checksum document";

json to_value(const ChecksumEntry& entry) {
    return {{"algorithm", entry.algorithm ? stream::word(*entry.algorithm) : ""},
            {"word", to_utf8(entry.algorithm_word)},
            {"digest", entry.digest},
            {"name", to_utf8(entry.name)},
            {"line", entry.line}};
}

ChecksumEntry to_entry(const json& value) {
    const auto algorithm = value.at("algorithm").get<std::string>();
    ChecksumEntry entry{stream::find_algorithm(algorithm), value.at("word").get<std::string>(),
                        value.at("digest").get<std::string>(), value.at("name").get<std::string>(),
                        value.at("line").get<std::size_t>()};
    const bool fits =
        !entry.algorithm || entry.digest.size() == stream::hex_length(*entry.algorithm);
    if (!fits || entry.digest.find_first_not_of("0123456789abcdef") != std::string::npos ||
        (!entry.algorithm && !algorithm.empty())) {
        throw Error(Kind::Internal, "{} holds an impossible entry: {} {}", kWhat, quoted(algorithm),
                    quoted(entry.digest));
    }
    return entry;
}

} // namespace

std::string to_json(const ChecksumFile& file) {
    json entries = json::array();
    for (const ChecksumEntry& entry : file.entries) {
        entries.push_back(to_value(entry));
    }
    json value{{"answer", "document"},
               {"problem", to_utf8(file.problem)},
               {"clearsigned", file.clearsigned},
               {"entries", std::move(entries)},
               {"others", file.others},
               {"ignored_lines", file.ignored_lines}};
    if (!file.digest.empty()) {
        value["digest"] = file.digest;
    }
    if (file.alias) {
        value["alias"] = to_utf8(*file.alias);
    }
    return value.dump();
}

ChecksumFile checksum_file_from_json(std::string_view text) {
    const json value = parse_object(text, kWhat);
    return read_members(kWhat, [&value] {
        ChecksumFile file;
        file.problem = relayed(value.at("problem").get<std::string>());
        file.clearsigned = value.at("clearsigned").get<bool>();
        for (const json& entry : value.at("entries")) {
            file.entries.push_back(to_entry(entry));
        }
        file.others = value.at("others").get<std::size_t>();
        file.ignored_lines = value.at("ignored_lines").get<std::size_t>();
        file.digest = relayed(value.value("digest", ""));
        if (value.contains("alias")) {
            file.alias = value.at("alias").get<std::string>();
        }
        return file;
    });
}

} // namespace slipway::verify
