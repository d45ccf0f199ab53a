// Which addresses machines get.

#include <set>

#include "base/error.hh"
#include "spawn/machine_subnet.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::spawn;

TEST_CASE("a machine gets the same addresses every time, and no others' ones", "[spawn]") {
    const Subnet web = choose_subnet("web", {});
    CHECK(web.prefix == 28);
    CHECK((web.network >> 16) == (10U << 8 | 201U));
    CHECK((web.network & 15) == 0);
    CHECK(choose_subnet("web", {}) == web);
    CHECK(choose_subnet("db", {}) != web);
    CHECK(machine_address(web) == web.network + 2);
    CHECK(host_address(web) == web.network + 1);
    CHECK(text_of({0x0AC9'0310, 28}) == "10.201.3.16/28");
}

TEST_CASE("addresses that the host has a way to are taken", "[spawn]") {
    const Subnet web = choose_subnet("web", {});
    const Subnet one_host{web.network + 7, 32};
    CHECK(choose_subnet("web", std::vector{one_host}) != web);
    const Subnet half{0x0AC9'0000, 17};
    const Subnet other = choose_subnet("web", std::vector{half});
    CHECK((other.network & 0x8000) != 0);
    CHECK(choose_subnet("web", std::vector{Subnet{0xC0A8'0000, 16}}) == web); // elsewhere
    const Subnet third = choose_subnet("web", std::vector{half, other});
    CHECK(third != other);
    CHECK((third.network & 0x8000) != 0);
}

TEST_CASE("four thousand machines have addresses side by side, and the next one is told why not",
          "[spawn]") {
    std::vector<Subnet> taken;
    std::set<std::uint32_t> networks;
    for (int i = 0; i < 4096; ++i) {
        taken.push_back(choose_subnet("m" + std::to_string(i), taken));
        networks.insert(taken.back().network);
    }
    CHECK(networks.size() == 4096);
    CHECK_THROWS_WITH(choose_subnet("one-more", taken), contains("10.201.0.0/16"));
}
