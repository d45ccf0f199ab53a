// What may lie beside an image, in which order it is looked for, and what a server's answer to the
// question means. Tables: a new publisher's names are new rows.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/url.hh"

namespace slipway::verify {

/// Names of checksum documents beside the file `file_name`: its sidecars, the list that is named
/// after its stem, then lists.
std::vector<std::string> document_names(std::string_view file_name);

/// Names of detached signatures beside the document `document_name`.
std::vector<std::string> signature_names(std::string_view document_name);

/// Names of signatures straight over the file `file_name`.
std::vector<std::string> image_signature_names(std::string_view file_name);

/// Names of documents whose digests count for nothing: looked for only to say so.
std::vector<std::string> weak_document_names(std::string_view file_name);

/// What one publisher signs anew again and again, so that an older signature is suspicious: the
/// lists of a directory together, and what vouches for one file for itself. A URL without user,
/// query and fragment.
/// @param file_name  the image's
std::string freshness_place(const Url& proof, std::string_view file_name);

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
