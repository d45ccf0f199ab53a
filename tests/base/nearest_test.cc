// Words that are nearly right.

#include <vector>

#include "base/nearest.hh"
#include "tests/catch.hh"

using slipway::nearest;

TEST_CASE("the word that was meant is found", "[nearest]") {
    const std::vector<std::string> known{"pull-tar", "import-tar", "list-images", "remove",
                                         "features"};
    CHECK(nearest("pull-tra", known) == "pull-tar"); // two letters swapped
    CHECK(nearest("pulltar", known) == "pull-tar");  // one left out
    CHECK(nearest("removee", known) == "remove");    // one too many
    CHECK(nearest("rename", known) == "remove");     // two others
    CHECK(nearest("list", known) == "list-images");  // the beginning
    CHECK(nearest("pull-tar", known) == "pull-tar");
    CHECK(nearest("import_tar", known) == "import-tar");
}

TEST_CASE("a word that is near nothing is left alone", "[nearest]") {
    const std::vector<std::string> known{"pull-tar", "remove"};
    CHECK(nearest("status", known) == std::nullopt);
    CHECK(nearest("", known) == std::nullopt);
    CHECK(nearest("re", known) == std::nullopt);
    CHECK(nearest(std::string(100'000, 'x'), known) == std::nullopt);
    CHECK(nearest("remove", {}) == std::nullopt);
}
