// The keeper's end of slipway-check (docs/protocol.md §4), and of `slipway-unpack documents`, which
// reads checksum documents (§3). Links no OpenPGP library.

#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string_view>
#include <vector>

#include "verify/checksum_file.hh"
#include "verify/signature.hh"

namespace slipway::verify {

/// Starts one slipway-check for each question: an engine that hangs or dies harms nothing else.
class SignatureChecker {
public:
    /// @param keyrings  files; missing ones are skipped, unreadable ones warned about
    SignatureChecker(std::vector<std::filesystem::path> keyrings,
                     std::chrono::milliseconds patience = std::chrono::seconds(30));
    /// @throws Error with the verdict engine-failed: missing (names the package), hung, died
    SignatureReport check_detached(std::string_view statement, std::string_view signature,
                                   std::stop_token stop) const;
    SignatureReport check_clearsigned(std::string_view document, std::stop_token stop) const;

private:
    SignatureReport check(std::string_view statement, const std::string_view* signature,
                          const std::stop_token& stop) const;

    std::vector<std::filesystem::path> keyrings_;
    std::chrono::milliseconds patience_;
};

/// Has a confined slipway-unpack read the document.
/// @throws Error Internal: it died: how
ChecksumFile read_checksum_file(std::string_view document, std::string_view document_name,
                                std::string_view file_name, std::stop_token stop);

} // namespace slipway::verify
