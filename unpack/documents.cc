// The reading is verify's; here are only the fences and the socket.

#include "unpack/documents.hh"

#include <new>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/json.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "stream/digest.hh"
#include "unpack/fences.hh"
#include "verify/document_request.hh"

namespace slipway::unpack {
namespace {

// The keeper's cap on a document is 4 MiB; this one is for a keeper that forgot it.
constexpr std::uint64_t kMaxDocumentBytes = 8 * MiB;

std::string error_json(Kind kind, std::string_view text) {
    return nlohmann::json{{"answer", "error"}, {"kind", word(kind)}, {"text", to_utf8(text)}}
        .dump();
}

std::string answer(const Message& request) {
    try {
        if (request.fds.size() != 1) {
            throw Error(Kind::Internal,
                        "the request brought {} descriptors, expected the document alone",
                        request.fds.size());
        }
        const std::string document = read_all(request.fds.front().get(), kMaxDocumentBytes);
        stream::Digest digest(stream::Algorithm::Sha256);
        digest.update(as_bytes(document));
        return verify::answer_document_request(request.text, document, digest.finish());
    } catch (const Error& error) {
        return error_json(error.kind(), error.what());
    } catch (const std::bad_alloc&) {
        return error_json(Kind::Limit, "there is not enough memory to read a document");
    }
}

} // namespace

int serve_documents() {
    try {
        raise_fences(View::Nothing, Rights::None, kControlFd);
    } catch (const Error& error) {
        send_message(kControlFd, error_json(error.kind(), error.what()));
        return 1;
    }
    while (const std::optional<Message> request = receive_message(kControlFd, {})) {
        send_message(kControlFd, answer(*request));
    }
    return 0;
}

} // namespace slipway::unpack
