// What may lie beside an image, in which order it is looked for, and what a server's answer to the
// question means. Tables: a new publisher's names are new rows.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::verify {

/// Names of checksum documents beside the file `file_name`: its sidecars, then lists.
std::vector<std::string> document_names(std::string_view file_name);

/// Names of detached signatures beside the document `document_name`.
std::vector<std::string> signature_names(std::string_view document_name);

/// What an HTTP status says about a document or a signature.
enum class Presence {
    There,
    Absent,           ///< look further
    WantsCredentials, ///< refuse
    Refused,          ///< refuse
    Unavailable,      ///< refuse: what cannot be had now is never "not there"
};
Presence presence(int status) noexcept;

} // namespace slipway::verify
