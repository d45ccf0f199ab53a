// Both ends of the question lie here, so that they cannot part.

#include "verify/document_request.hh"

#include "verify/checksum_file.hh"
#include "verify/json.hh"

namespace slipway::verify {
namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "a request about a checksum document";
constexpr int kProtocol = 1;

std::string answer(const json& request, std::string_view document, std::string_view digest) {
    if (request.at("protocol") != kProtocol || request.at("do") != "parse-document") {
        throw Error(Kind::Internal, "{} is of another protocol: {}", kWhat,
                    quoted(request.dump(), 80));
    }
    const auto document_name = request.at("document").get<std::string>();
    const auto file_name = request.at("file").get<std::string>();
    ChecksumFile file =
        parse_checksum_file(document, document_name, file_name, place_of(document_name, file_name));
    file.digest = digest;
    return to_json(file);
}

} // namespace

std::string parse_document_request(std::string_view document_name, std::string_view file_name) {
    return json{{"protocol", kProtocol},
                {"do", "parse-document"},
                {"document", document_name},
                {"file", file_name}}
        .dump();
}

std::string answer_document_request(std::string_view request_json, std::string_view document,
                                    std::string_view digest) {
    try {
        const json request = parse_object(request_json, kWhat);
        return read_members(kWhat, [&] { return answer(request, document, digest); });
    } catch (const Error& error) {
        return json{
            {"answer", "error"}, {"kind", word(error.kind())}, {"text", to_utf8(error.what())}}
            .dump();
    }
}

} // namespace slipway::verify
