// TLS for the test server, with certificates made on the spot: good ones, and each kind of bad one.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/support/http_server.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

enum class Certificate {
    Good,
    Expired,
    NotYetValid,
    WrongName,     ///< for another host
    UnknownIssuer, ///< signed by an authority that ca_file() does not hold
};

/// A certificate authority of the test's own, and servers with certificates of it.
class TestAuthority {
public:
    TestAuthority();
    ~TestAuthority();
    TestAuthority(const TestAuthority&) = delete;
    TestAuthority& operator=(const TestAuthority&) = delete;
    /// PEM, for Settings::ca_file or SSL_CERT_FILE.
    std::string ca_file() const;
    /// What an HttpServer needs: `HttpServer server("https", authority.tls(Certificate::Good))`.
    MakeTransport tls(Certificate kind) const;
    /// For servers of others: the paths of a good certificate and its key, PEM.
    std::pair<std::string, std::string> make_identity_files() const;

private:
    struct State;
    TempDir directory_;
    std::unique_ptr<State> state_;
};

} // namespace slipway::tests
