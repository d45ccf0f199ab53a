// Any bytes as a checksum document: no crash, a bounded answer, and the same one through JSON as
// without.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/message.hh"
#include "verify/checksum_file.hh"
#include "verify/document_request.hh"
#include "verify/openpgp_text.hh"

using namespace slipway;
using namespace slipway::verify;

namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "document_fuzz: %s\n", what));
        std::abort();
    }
}

void read_as(std::string_view text, const std::string& document_name) {
    const std::string file_name = "a.img";
    const ChecksumFile file =
        parse_checksum_file(text, document_name, file_name, place_of(document_name, file_name));
    require(file.problem.empty() == (file.entries.size() + file.others > 0),
            "a document without an entry has no problem, or one with an entry has");
    const std::string json = to_json(file);
    require(json.size() <= kMaxMessageBytes, "the answer does not fit a message");
    require(to_json(checksum_file_from_json(json)) == json, "JSON changes the answer");
    const std::string request = parse_document_request(document_name, file_name);
    require(answer_document_request(request, text, "") == json,
            "the program answers something else");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const char* name : {"SHA256SUMS", "a.img.sha256", "b2sums.txt"}) {
        read_as(text, name);
    }
    const Unwrapped inside = unwrap_clearsigned(text);
    const auto block = clearsigned_block(text);
    require(!block || !inside.problem.empty() ||
                unwrap_clearsigned(*block).content == inside.content,
            "an engine would see another text than checksum mode");
    return 0;
}
