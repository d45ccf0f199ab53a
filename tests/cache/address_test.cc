// By what a place is known again.

#include "cache/address.hh"
#include "tests/catch.hh"

using slipway::Url;
using slipway::cache::address_of;

namespace {

std::string address(const std::string& url) {
    return address_of(Url::parse(url));
}

} // namespace

TEST_CASE("a URL without secrets is its own address, less its fragment", "[cache]") {
    CHECK(address("https://example.org/a/b.tar.xz") == "https://example.org/a/b.tar.xz");
    CHECK(address("https://example.org/b.tar.xz#x?y") == "https://example.org/b.tar.xz");
}

TEST_CASE("one query is told from another, and none is written down", "[cache]") {
    const std::string five = address("https://h/get?id=5");
    CHECK(five != address("https://h/get?id=6"));
    CHECK(five != address("https://h/get"));
    CHECK(five == address("https://h/get?id=5#part"));
    CHECK(five == "https://h/get?id=…#6a930c4d");
    const std::string token = address("https://h/x.tar?token=0123456789abcdef&n=secret");
    CHECK(token.find("0123456789abcdef") == std::string::npos);
    CHECK(token.find("secret") == std::string::npos);
}

TEST_CASE("whoever the user is, it is one place", "[cache]") {
    const std::string with = address("https://ann:one@h/x.tar");
    CHECK(with == address("https://bob:two@h/x.tar"));
    CHECK(with.find("ann") == std::string::npos);
    CHECK(with.find("one") == std::string::npos);
}
