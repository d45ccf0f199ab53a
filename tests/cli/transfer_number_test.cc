// Numbers as they are typed.

#include "base/error.hh"
#include "cli/transfer_number.hh"
#include "tests/catch.hh"

using namespace slipway;

TEST_CASE("a transfer has a number from 1 on", "[cli][number]") {
    CHECK(cli::parse_transfer_number("7") == 7);
    CHECK(cli::parse_transfer_number("4294967295") == 4294967295);
    for (const std::string odd : {"", "0", "-1", "7x", " 7", "4294967296", "web"}) {
        CHECK_THROWS_AS(cli::parse_transfer_number(odd), Error);
    }
}
