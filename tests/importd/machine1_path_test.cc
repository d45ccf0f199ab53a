// Names of images as parts of paths on the bus.

#include "importd/machine1_path.hh"
#include "tests/catch.hh"

using namespace slipway::importd;

TEST_CASE("a name becomes a part of a path as machined makes it, and comes back", "[importd]") {
    struct Row {
        const char* name;
        const char* label;
    };
    for (const Row& row :
         {Row{"web", "web"}, Row{".host", "_2ehost"}, Row{"deb-12", "deb_2d12"}, Row{"12", "_312"},
          Row{"a_b", "a_5fb"}, Row{"\xc3\xbc", "_c3_bc"}, Row{"", "_"}, Row{"a b", "a_20b"}}) {
        CHECK(escape_label(row.name) == row.label);
        CHECK(unescape_label(row.label) == row.name);
    }
    CHECK(image_path("deb-12") == "/org/freedesktop/machine1/image/deb_2d12");
}

TEST_CASE("a part of a path that no name becomes is none", "[importd][hostile]") {
    for (const char* label : {"a_", "a_2", "a_2g", "a_2E", "_61", "12", "a_-1", "a-b", "_5f_"}) {
        INFO(label);
        CHECK_FALSE(unescape_label(label));
    }
}
