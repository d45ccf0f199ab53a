// The keeper's end of slipway-check (docs/protocol.md §4), and of `slipway-unpack documents`, which
// reads checksum documents (§3). Links no OpenPGP library.

#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "verify/checksum_file.hh"
#include "verify/key_list.hh"
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
    /// What can be said of a detached signature before the bytes that it signs are here: by whom
    /// it claims to be, and whether such a key is held, expired, revoked, weak (status Pending
    /// when nothing speaks against it).
    SignatureReport foresee(std::string_view signature, std::stop_token stop) const;
    /// All keys in the key files, also those that no signature would be accepted from.
    KeyList list_keys(std::stop_token stop) const;

    const std::vector<std::filesystem::path>& keyrings() const noexcept { return keyrings_; }
    /// How long an answer may take.
    std::chrono::milliseconds patience() const noexcept { return patience_; }

private:
    std::vector<std::filesystem::path> keyrings_;
    std::chrono::milliseconds patience_;
};

/// A check of one detached signature over bytes that stream by. The engine is started at once and
/// reads while they come, however slowly. An engine that is missing, dies, or hangs for the
/// checker's patience closes the pipe's other end, so that nobody waits in a write; nor does who
/// writes more than is needed for a verdict.
class StreamedCheck {
public:
    /// @throws Error with the verdict engine-failed
    StreamedCheck(const SignatureChecker& checker, std::string_view signature);
    ~StreamedCheck();

    /// Where the bytes go: the writing end of a pipe. Whoever else holds a copy has to close it.
    int input() const noexcept;
    /// To be called once the program that writes has its copy.
    void close_input() noexcept;
    /// After the last byte, when nobody has a copy of input() any more: the report.
    /// @throws Error engine-failed, also when it takes longer than the checker's patience; Canceled
    SignatureReport finish(std::stop_token stop);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Has a confined slipway-unpack read the document.
/// @throws Error Internal: it died: how
ChecksumFile read_checksum_file(std::string_view document, std::string_view document_name,
                                std::string_view file_name, std::stop_token stop);

} // namespace slipway::verify
