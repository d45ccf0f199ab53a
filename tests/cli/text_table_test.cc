// Columns, also of wide characters.

#include "cli/text_table.hh"
#include "tests/catch.hh"

using namespace slipway::cli;

TEST_CASE("columns are as wide as their widest entry, the last one ends the line", "[cli][table]") {
    const std::vector<Row> rows{{"日本", "x", "end"}, {"b", "longer", ""}};
    CHECK(text_table({"NAME", "B", "C"}, rows, {}) == "NAME B      C\n"
                                                      "日本 x      end\n"
                                                      "b    longer \n");
    CHECK(text_table({"NAME", "B", "C"}, {{"b", "c", "d"}}, {.head = false}) == "b c d\n");
}

TEST_CASE("on a terminal the head is underlined", "[cli][table]") {
    CHECK(text_table({"A", "B"}, {{"1", "2"}}, {true, true}) == "\x1b[4mA B\x1b[0m\n1 2\n");
}
