// The TLS fixture, seen through curl(1)'s independent eyes.

#include "tests/catch.hh"
#include "tests/support/tls_server.hh"

using namespace slipway::tests;

TEST_CASE("each kind of certificate is what it says", "[fixture]") {
    const TestAuthority authority;
    struct Row {
        Certificate kind;
        const char* said;
    };
    const auto row =
        GENERATE(Row{Certificate::Expired, "certificate has expired"},
                 Row{Certificate::NotYetValid, "certificate is not yet valid"},
                 Row{Certificate::WrongName, "no alternative certificate subject name"},
                 Row{Certificate::UnknownIssuer, "unable to get local issuer certificate"});
    HttpServer server("https", authority.tls(row.kind));
    server.serve("/x", "secret");
    const RunResult result =
        run({"curl", "-sS", "--noproxy", "*", "--cacert", authority.ca_file(), server.url("/x")});
    CHECK(result.status == 60);
    CHECK_THAT(result.err, contains(row.said));
    CHECK(server.requests().empty());
}

TEST_CASE("a good certificate is accepted", "[fixture]") {
    const TestAuthority authority;
    HttpServer server("https", authority.tls(Certificate::Good));
    server.serve("/x", "secret");
    CHECK(run_ok({"curl", "-sS", "--noproxy", "*", "--cacert", authority.ca_file(),
                  server.url("/x")}) == "secret");
}
