// The syntax of files of settings.

#include <string>
#include <vector>

#include <fmt/format.h>

#include "machine/settings_text.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::machine;

namespace {

// "2 Exec Boot yes" for a key, "3 !why" for a line that is none.
std::vector<std::string> read(std::string_view text) {
    std::vector<std::string> seen;
    read_settings_text(text, {.take =
                                  [&](const IniKey& key) {
                                      seen.push_back(fmt::format("{} {} {} {}", key.line,
                                                                 key.section, key.name, key.value));
                                  },
                              .pass_over =
                                  [&](unsigned line, std::string_view why) {
                                      seen.push_back(fmt::format("{} !{}", line, why));
                                  }});
    return seen;
}

using Seen = std::vector<std::string>;

} // namespace

TEST_CASE("keys come with section and line, blanks around them go", "[machine]") {
    CHECK(read("[Exec]\n Boot = yes \n\n# no\n; no\n[Files]\r\nReadOnly=on\r\n") ==
          Seen{"2 Exec Boot yes", "7 Files ReadOnly on"});
}

TEST_CASE("a key comes as often as it is there, and empty when it is", "[machine]") {
    CHECK(read("[Files]\nBind=/a\nBind=\nBind=/b") ==
          Seen{"2 Files Bind /a", "3 Files Bind ", "4 Files Bind /b"});
}

TEST_CASE("a semicolon or hash inside a value is the value's", "[machine]") {
    CHECK(read("[Exec]\nParameters=sh -c 'a ; b # c'\n") ==
          Seen{"2 Exec Parameters sh -c 'a ; b # c'"});
}

TEST_CASE("lines are long, and a backslash at the end continues them over comments", "[machine]") {
    const std::string longer(5000, 'x');
    CHECK(read("[Exec]\nUser=" + longer) == Seen{"2 Exec User " + longer});
    CHECK(read("[Exec]\nParameters=a \\\n# why\n  b\\\n;why\nc\nUser=d\n") ==
          Seen{"2 Exec Parameters a    b c", "7 Exec User d"});
    CHECK(read("[Exec]\nUser=a\\\\\nHostname=b\n") ==
          Seen{"2 Exec User a\\\\", "3 Exec Hostname b"});
    CHECK(read("[Exec]\nUser=a\\") == Seen{"2 Exec User a"});
}

TEST_CASE("a byte order mark in front is none of the text", "[machine]") {
    CHECK(read("\xEF\xBB\xBF[Exec]\nBoot=1\n") == Seen{"2 Exec Boot 1"});
}

TEST_CASE("what is no setting is told by its line, and the rest is read", "[machine]") {
    CHECK(read("Boot=yes\n[Exec]\nBoot\n=yes\n[Files\nBind=/x\n[Exec]\nBoot=no\n") ==
          Seen{"1 !it is in no section", "3 !it is neither a [Section] nor Key=Value",
               "4 !it is neither a [Section] nor Key=Value", "5 !it is a section without its ']'",
               "6 !it is in no section", "8 Exec Boot no"});
    CHECK(read("[Exec]\nUser=\xFF\nHostname=a") ==
          Seen{"2 !it is not text in UTF-8", "3 Exec Hostname a"});
    CHECK(read(std::string("[Exec]\nUser=a\0b\n", 16)) == Seen{"2 !it is not text in UTF-8"});
}
