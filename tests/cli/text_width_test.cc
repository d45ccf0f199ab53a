// Columns of UTF-8 text.

#include "cli/text_width.hh"
#include "tests/catch.hh"

using namespace slipway::cli;

TEST_CASE("width is counted in columns, whatever the locale", "[cli][width]") {
    CHECK(text_width("") == 0);
    CHECK(text_width("web") == 3);
    CHECK(text_width("grün") == 4);
    CHECK(text_width("日本") == 4); // two columns each
    CHECK(text_width("e\xCC\x81"
                     "a") == 2); // a combining accent
    CHECK(text_width("…") == 1);
    CHECK(text_width("\xff\xfe") == 2); // no UTF-8
    CHECK(text_width("\xE6\x97") == 2); // cut within a character
}

TEST_CASE("a text that is too wide is cut between characters", "[cli][width]") {
    CHECK(cut_to_width("noble", 5) == "noble");
    CHECK(cut_to_width("noble", 4) == "nob…");
    CHECK(cut_to_width("noble", 1) == "…");
    CHECK(cut_to_width("noble", 0) == "");
    CHECK(cut_to_width("日本語", 6) == "日本語");
    CHECK(cut_to_width("日本語", 5) == "日本…");
    CHECK(cut_to_width("日本語", 4) == "日…"); // half a character is not shown
    CHECK(cut_to_width("e\xCC\x81"
                       "ab",
                       2) == "e\xCC\x81…");
}
