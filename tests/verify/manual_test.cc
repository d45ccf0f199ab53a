// docs/verification.md says what the program does.

#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "base/outcome.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/discovery.hh"
#include "verify/key_places.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::string manual() {
    const char* sources = std::getenv("SLIPWAY_SOURCES");
    if (sources == nullptr) {
        throw std::runtime_error("SLIPWAY_SOURCES is not set; run the tests through meson");
    }
    return read_file(std::string(sources) + "/docs/verification.md");
}

// Where the table's row of a verdict lies, with the kind and status that it has to show.
std::size_t row_of(const std::string& text, VerdictWord verdict) {
    const std::size_t start = text.find(fmt::format("\n| `{}` |", word(verdict)));
    REQUIRE(start != std::string::npos);
    const std::string row = text.substr(start + 1, text.find('\n', start + 1) - start - 1);
    const std::string kind =
        exit_status(verdict) == 0 ? " " : fmt::format(" `{}` ", word(kind_of(verdict)));
    INFO(row);
    CHECK(row.ends_with(fmt::format("|{}| {} |", kind, exit_status(verdict))));
    return start;
}

} // namespace

TEST_CASE("the manual's verdicts are those of the table, in the order of their rank",
          "[verify][manual]") {
    const std::string text = manual();
    int last_rank = -1;
    std::size_t last_row = 0;
#define VERDICT(name, ...)                                                                         \
    {                                                                                              \
        const std::size_t row = row_of(text, VerdictWord::name);                                   \
        CHECK(row > last_row);                                                                     \
        CHECK(rank(VerdictWord::name) >= last_rank);                                               \
        last_rank = rank(VerdictWord::name);                                                       \
        last_row = row;                                                                            \
    }
#include "base/outcome.def"
#undef VERDICT
}

TEST_CASE("the manual names every document and every place of keys that is looked at",
          "[verify][manual]") {
    const std::string text = manual();
    for (const std::string& name : verify::document_names("web.tar.xz")) {
        CHECK_THAT(text, contains("`" + name + "`"));
    }
    for (const std::string& name : verify::signature_names("")) {
        CHECK_THAT(text, contains("`" + name + "`"));
    }
    for (const auto& path : verify::find_key_places("/nonexistent").peers_rings) {
        CHECK_THAT(text, contains("`" + path.filename().string() + "`"));
    }
}
