// What a person is told of a copied directory.

#include "tests/catch.hh"
#include "transfer/copy_words.hh"

using namespace slipway;
using namespace slipway::transfer;
using Lines = std::vector<std::string>;

namespace {

Lines texts(const volume::CopiedTree& tree, LogLevel level) {
    Lines found;
    for (const LogLine& line : remarks_on(tree)) {
        if (line.level == level) {
            found.push_back(line.text);
        }
    }
    return found;
}

} // namespace

TEST_CASE("how much was copied, and how much of it is shared", "[transfer][copy]") {
    volume::CopiedTree tree;
    tree.size_bytes = 1024 * 1024;
    tree.entries = 1;
    tree.files = 1;
    CHECK(amount_of(tree) == "1.0M copied in 1 entry");
    tree.entries = 9895;
    tree.files = 9500;
    tree.shared_files = 9000;
    CHECK(amount_of(tree) ==
          "1.0M copied in 9895 entries; 9000 of 9500 files share their blocks with it");
}

TEST_CASE("of a copy without remarks nothing is said", "[transfer][copy]") {
    CHECK(remarks_on({}).empty());
}

TEST_CASE("what is not in the copy as it was is counted, with the first path", "[transfer][copy]") {
    volume::CopiedTree tree;
    tree.not_entered = {"dev", "proc\n"};
    tree.sockets = {2, "run/a"};
    tree.unsupported_attributes = {1, "etc/x"};
    tree.changed = {1, "var/log/x"};
    tree.vanished = {3, "tmp/y"};
    const std::string rest =
        " is another mount, or the pool, and was not entered: it is empty in the copy";
    CHECK(texts(tree, LogLevel::Notice) == Lines{"'dev'" + rest, "'proc\\n'" + rest});
    CHECK(texts(tree, LogLevel::Warning) ==
          Lines{"left out: 2 sockets",
                "left out: 1 attribute that this file system cannot hold, 'etc/x' first",
                "1 entry changed while being copied, 'var/log/x' first: what the copy holds of "
                "it may be neither old nor new",
                "3 entries were removed by somebody before being copied, 'tmp/y' first"});
}
