// Which version is the newest, and which of several is the image.

#include "storage/version_order.hh"
#include "storage/versions.hh"
#include "tests/catch.hh"

using namespace slipway::storage;

namespace {

std::string best(const std::string& name, const std::string& suffix,
                 const std::vector<std::string>& files) {
    const auto found = versions_of(name, suffix, files, "x86_64");
    return found.empty() ? "" : found.front().file_name;
}

bool is_older(std::string_view a, std::string_view b) {
    return compare_versions(a, b) < 0;
}

bool is_same(std::string_view a, std::string_view b) {
    return compare_versions(a, b) == 0;
}

} // namespace

// The examples of the UAPI Version Format Specification, and those of systemd's test-strverscmp.
TEST_CASE("versions are ordered as the specification says", "[storage][versions]") {
    const std::vector<std::string> ascending = {
        "~1",    "",        "ab",         "abb",   "abc",     "0001",    "002",    "12",
        "122",   "122.9",   "123~rc1",    "123",   "123-a",   "123-a.1", "123-a1", "123-a1.1",
        "123-3", "123-3.1", "123^patch1", "123^1", "123.a-1", "123.1-1", "123a-1", "124"};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t j = 0; j < ascending.size(); ++j) {
            INFO("'" << ascending[i] << "' and '" << ascending[j] << "'");
            CHECK(is_older(ascending[i], ascending[j]) == (i < j));
            CHECK(is_same(ascending[i], ascending[j]) == (i == j));
        }
    }
    CHECK(is_same("123.45-67.89", "123.45-67.89"));
    CHECK(is_same("11", "00011"));
    CHECK_FALSE(is_same("1_2", "12"));
    CHECK(is_same("a_b", "a+b")); // neither sign counts
    CHECK(is_older("6.1~", "6.1"));
    CHECK(is_older("B", "a"));
    CHECK(is_older("99999999999999999999999", "100000000000000000000000"));
}

TEST_CASE("the newest version that this host can use is the image", "[storage][versions]") {
    CHECK(best("web", ".raw", {"web_1.9.raw", "web_1.10.raw", "web_1.2.raw"}) == "web_1.10.raw");
    CHECK(best("web", "", {"web_1", "webb_3", "web", "web_", "web3"}) == "web_1");
    CHECK(best("web", ".raw", {"web_2_arm64.raw", "web_1_x86-64.raw"}) == "web_1_x86-64.raw");
    CHECK(best("web", ".raw", {"web_1_x86.raw", "web_1_x86-64.raw", "web_1.raw"}) ==
          "web_1_x86-64.raw");
    CHECK(best("web", ".raw", {"web_2_arm64.raw"}) == "");
    CHECK(best("web", ".raw", {"web_1_beta.raw"}) == "web_1_beta.raw"); // no architecture
    CHECK(best("a_b", ".raw", {"a_b_7.raw"}) == "a_b_7.raw");
}

TEST_CASE("a version without tries left comes last", "[storage][versions]") {
    CHECK(best("web", ".raw", {"web_3+0-3.raw", "web_2+1-2.raw", "web_1.raw"}) == "web_2+1-2.raw");
    CHECK(best("web", ".raw", {"web_3+0.raw", "web_2.raw"}) == "web_2.raw");
    CHECK(best("web", ".raw", {"web_3+0-1.raw"}) == "web_3+0-1.raw");
    CHECK(best("web", ".raw", {"web_3+1.raw", "web_3+2.raw"}) == "web_3+2.raw");
    CHECK(best("web", ".raw", {"web_3+2-1.raw", "web_3+2-0.raw"}) == "web_3+2-0.raw");
    const auto found = versions_of("web", ".raw", {"web_3_x86-64+2-1.raw"}, "x86_64");
    REQUIRE(found.size() == 1);
    CHECK(found[0].version == "3");
    CHECK(found[0].architecture == "x86-64");
    CHECK(found[0].tries_left == 2);
    CHECK(found[0].tries_done == 1);
}
