// Somebody who publishes images: a web server, a key, a checksum document and its signature.

#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tests/support/http_server.hh"
#include "tests/support/keyring.hh"

namespace slipway::tests {

/// The key is made once a process.
class Publisher {
public:
    Publisher();

    /// Puts an image under "/images/NAME" and says so, signed, in SHA256SUMS beside it.
    void publish(const std::string& name, std::string archive);
    /// The same for documents that say something else.
    void publish_documents(const std::string& sums);
    /// What SHA256SUMS holds.
    std::string sums() const;

    std::string url(const std::string& name) const { return server.url("/images/" + name); }
    /// Public keys, as --keyring takes them.
    std::filesystem::path keyring() const { return place_ / "keyring.gpg"; }
    /// The key's fingerprint.
    const std::string& key() const;
    std::string sign(const std::string& text) const;

    HttpServer server;

private:
    TempDir place_;
    std::map<std::string, std::string> digests_;
};

inline constexpr const char* kSums = "/images/SHA256SUMS";
inline constexpr const char* kSignature = "/images/SHA256SUMS.gpg";

} // namespace slipway::tests
