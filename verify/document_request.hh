// What `slipway-unpack documents` answers (docs/protocol.md §3): a request in JSON and the document
// in, the answer in JSON out. Pure; called in the confined program.

#pragma once

#include <string>
#include <string_view>

namespace slipway::verify {

/// "parse-document": what `document` says about one file.
std::string parse_document_request(std::string_view document_name, std::string_view file_name);

/// @param digest  SHA-256 of the document, which goes into the answer
/// The answer, `{"answer": "document", …}` or `{"answer": "error", "kind": …, "text": …}`. Never
/// throws for what it was given.
std::string answer_document_request(std::string_view request_json, std::string_view document,
                                    std::string_view digest);

} // namespace slipway::verify
