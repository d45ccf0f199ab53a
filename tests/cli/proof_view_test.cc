// The table of slipway verify.

#include "cli/proof_view.hh"
#include "tests/catch.hh"

using namespace slipway;
using cli::Absent;
using transfer::ProofSeen;

namespace {

const std::vector<ProofSeen> kSome{
    {"a.img.sha256", 404, ""},
    {"SHA256SUMS", 200, "SHA-256 of 'a.img' in line 1"},
    {"SHA256SUMS.asc", 403, ""},
    {"SHA256SUMS.gpg", 200, "signed by 7D8D… (Publisher)"},
};

} // namespace

TEST_CASE("the table shows what was found and what each said, and counts the rest",
          "[cli][verify]") {
    CHECK(cli::proof_table(kSome, Absent::Counted, {}) ==
          "DOCUMENT       ANSWER SAYS\n"
          "SHA256SUMS     200    SHA-256 of 'a.img' in line 1\n"
          "SHA256SUMS.gpg 200    signed by 7D8D… (Publisher)\n"
          "\n2 others were looked for and not there; --debug lists them\n");
}

TEST_CASE("what is not there is listed where more is asked for", "[cli][verify]") {
    CHECK(cli::proof_table(kSome, Absent::Listed, {}) ==
          "DOCUMENT       ANSWER SAYS\n"
          "a.img.sha256   404    not there\n"
          "SHA256SUMS     200    SHA-256 of 'a.img' in line 1\n"
          "SHA256SUMS.asc 403    not there\n"
          "SHA256SUMS.gpg 200    signed by 7D8D… (Publisher)\n");
}

TEST_CASE("where nothing was found there is no table", "[cli][verify]") {
    CHECK(cli::proof_table({}, Absent::Counted, {}).empty());
    CHECK(cli::proof_table({{"a.img.sha256", 404, ""}}, Absent::Counted, {}) ==
          "1 other was looked for and not there; --debug lists them\n");
}

TEST_CASE("a name from outside cannot colour the table", "[cli][verify]") {
    const std::string table =
        cli::proof_table({{"a\x1b[31m", 200, "says\x1b[0m"}}, Absent::Counted, {});
    CHECK(table.find('\x1b') == std::string::npos);
}
