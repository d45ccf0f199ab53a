// TLS: faults N9, S12 (never down to http).

#include <array>
#include <ctime>
#include <thread>

#include <sys/socket.h>

#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/loopback.hh"
#include "tests/support/tls_server.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

fetch::Settings trusting(const TestAuthority& authority) {
    fetch::Settings settings = quick();
    settings.ca_file = authority.ca_file();
    return settings;
}

std::string this_year() {
    const std::time_t now = std::time(nullptr);
    return std::to_string(1900 + std::localtime(&now)->tm_year);
}

} // namespace

TEST_CASE("N9: a certificate that is wrong is refused at once, and nothing was sent", "[fetch]") {
    const TestAuthority authority;
    struct Row {
        Certificate kind;
        const char* said;
        bool shows_date;
    };
    const auto row =
        GENERATE(Row{Certificate::Expired, "certificate has expired", true},
                 Row{Certificate::NotYetValid, "certificate is not yet valid", true},
                 Row{Certificate::WrongName, "does not match", false},
                 Row{Certificate::UnknownIssuer, "unable to get local issuer certificate", false});
    HttpServer server("https", authority.tls(row.kind));
    server.serve("/image", "secret");
    const Fetched fetched = fetch_file(server.url("/image"), trusting(authority));
    INFO(fetched.failure());
    CHECK(fetched.kind() == Kind::Network);
    CHECK_THAT(fetched.failure(), contains(row.said) || contains("no alternative certificate"));
    CHECK_THAT(fetched.failure(), contains("cannot fetch '" + server.url("/image") + "'"));
    CHECK((fetched.failure().find("the date of this machine is " + this_year()) !=
           std::string::npos) == row.shows_date);
    CHECK(fetched.retries().empty());
    CHECK(server.requests().empty());
    CHECK(server.connections() == 1);
}

TEST_CASE("over TLS a cut is resumed as without", "[fetch]") {
    const TestAuthority authority;
    HttpServer server("https", authority.tls(Certificate::Good));
    const std::string content = noise(900'000);
    server.serve("/image", content);
    server.on("/image", {cut_after(1), cut_after(300'000), reset_after(16'384), cut_in_header(9)});
    const Fetched fetched = fetch_file(server.url("/image"), trusting(authority));
    INFO(fetched.failure());
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
}

TEST_CASE("over TLS both requests of a job go over one connection", "[fetch]") {
    const TestAuthority authority;
    HttpServer server("https", authority.tls(Certificate::Good));
    server.serve("/image", "content");
    fetch::Fetcher fetcher = make_fetcher(trusting(authority));
    CHECK(fetch_file(fetcher, server.url("/image")).body == "content");
    CHECK(fetch_file(fetcher, server.url("/image")).body == "content");
    CHECK(server.connections() == 1);
}

TEST_CASE("SSL_CERT_FILE names the certificates where no setting does", "[fetch]") {
    const TestAuthority authority;
    HttpServer server("https", authority.tls(Certificate::Good));
    server.serve("/image", "content");
    CHECK(fetch_file(server.url("/image")).kind() == Kind::Network);
    const Variable variable("SSL_CERT_FILE", authority.ca_file());
    CHECK(fetch_file(server.url("/image")).body == "content");
}

TEST_CASE("S12: https never leads down to http", "[fetch]") {
    const TestAuthority authority;
    HttpServer secure("https", authority.tls(Certificate::Good));
    HttpServer plain;
    plain.serve("/image", "content");
    plain.always("/up", redirecting_to(secure.url("/image")));
    secure.serve("/image", "secure content");
    secure.always("/down", redirecting_to(plain.url("/image")));
    const Fetched down = fetch_file(secure.url("/down"), trusting(authority));
    CHECK_THAT(down.failure(), contains("going from https down to http is refused"));
    CHECK(plain.requests().empty());
    const Fetched up = fetch_file(plain.url("/up"), trusting(authority));
    CHECK(up.body == "secure content");
}

TEST_CASE("a server that speaks no TLS is refused at once", "[fetch]") {
    const Fd listener = listen_on(0);
    const std::jthread plain([&] {
        const Fd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const std::string_view answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
        ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        std::array<char, 4096> rest{};
        while (::recv(client.get(), rest.data(), rest.size(), 0) > 0) {
        }
    });
    const Fetched fetched =
        fetch_file("https://127.0.0.1:" + std::to_string(port_of(listener)) + "/x");
    INFO(fetched.failure());
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.retries().empty());
    CHECK_THAT(fetched.failure(), contains("SSL"));
}
