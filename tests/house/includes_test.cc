// Includes lead down, never up or sideways, and start at the top of the tree.

#include <algorithm>
#include <sstream>

#include "tests/catch.hh"
#include "tests/house/rooms.hh"
#include "tests/house/tree.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

using Sentences = std::vector<std::string>;

// The words of the first fenced block after `heading`, line by line.
std::vector<std::vector<std::string>> fenced_words(const std::string& text,
                                                   const std::string& heading) {
    std::vector<std::vector<std::string>> lines;
    std::istringstream all(text.substr(std::min(text.find(heading), text.size())));
    bool inside = false;
    for (std::string line; std::getline(all, line);) {
        if (line.starts_with("```")) {
            if (inside) {
                break;
            }
            inside = true;
        } else if (inside) {
            std::istringstream words(line);
            std::vector<std::string> rooms;
            for (std::string word; words >> word;) {
                rooms.push_back(word);
            }
            lines.push_back(rooms);
        }
    }
    return lines;
}

} // namespace

TEST_CASE("every file of the tree includes only what lies below its room", "[house]") {
    const auto files = cxx_files();
    REQUIRE(files.size() > 50);
    for (const SourceFile& file : files) {
        INFO(file.path);
        CHECK(wrong_includes(file.path, file.text) == Sentences{});
    }
}

TEST_CASE("an include that leads upward, sideways or nowhere is found", "[house]") {
    struct Row {
        const char* path;
        const char* text;
        Sentences wrong;
    };
    const std::vector<Row> rows{
        {"stream/pipe.cc", "#include \"stream/pipe.hh\"\n#include \"base/fd.hh\"\n", {}},
        {"cli/main.cc", "#include \"transfer/event.hh\"\n", {}},
        {"tests/base/fd_test.cc", "#include \"cli/parse.hh\"\n#include \"tests/catch.hh\"\n", {}},
        {"base/fd.cc", "\n#include \"stream/pipe.hh\"\n", {"line 2: stream/pipe.hh: leads upward"}},
        {"verify/judge.cc",
         "#  include \"fetch/wire.hh\" // why not\n",
         {"line 1: fetch/wire.hh: leads sideways"}},
        {"base/fd.cc", "#include \"fd.hh\"\n", {"line 1: fd.hh: no room in front"}},
        {"base/fd.cc",
         "\t#include \"base/../cli/parse.hh\"\n",
         {"line 1: base/../cli/parse.hh: a path that does not start at the top of the tree"}},
        {"cli/main.cc",
         "#include <base/fd.hh>\n",
         {"line 1: base/fd.hh: ours is included with quotes"}},
        {"base/fd.cc",
         "#include \"tests/catch.hh\"\n",
         {"line 1: tests/catch.hh: leads out of the house"}},
        {"base/fd.cc",
         "#include \"attic/box.hh\"\n",
         {"line 1: attic/box.hh: there is no such room"}},
        {"attic/box.cc", "", {"'attic' is no room of the house"}},
        {"main.cc", "", {"'' is no room of the house"}},
    };
    for (const Row& row : rows) {
        INFO(row.path << ": " << row.text);
        CHECK(wrong_includes(row.path, row.text) == row.wrong);
    }
}

TEST_CASE("docs/ARCHITECTURE.md shows the rooms in the order that is checked", "[house]") {
    const std::string page = read_file(source_root() / "docs/ARCHITECTURE.md");
    auto shown = fenced_words(page, "## Rooms");
    std::reverse(shown.begin(), shown.end()); // the page has the roof on top
    CHECK(shown == kFloors);
}
