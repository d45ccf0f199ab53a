// A tree packed by the tools people use comes out equal to what went in, in every attribute that
// the format holds.

#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Command = std::vector<std::string>;

struct Packer {
    std::string name;
    Command command; ///< "SRC" and "OUT" are put in
    RichTree tree;
};

// GNU tar packs a fifo with two names as two fifos.
RichTree for_gnu_tar() {
    return {.node_links = false};
}

// The old GNU format has neither attributes nor fractions of a second.
RichTree for_gnu_format() {
    return {.attributes = false, .acls = false, .node_links = false, .nanoseconds = false};
}

RichTree for_ustar() {
    return {.long_names = false,
            .large_ids = false,
            .attributes = false,
            .acls = false,
            .holes = false,
            .node_links = false,
            .nanoseconds = false,
            .old_times = false};
}

// bsdtar makes one character of two surrogates, and writes -86400.75 seconds as "-86401.25".
RichTree for_bsdtar() {
    return {.surrogates = false, .old_nanoseconds = false};
}

RichTree for_restricted_pax() {
    return {.surrogates = false, .attributes = false, .acls = false, .nanoseconds = false};
}

Command gnu_tar(const std::string& format, const Command& more = {}) {
    Command command{"tar", "--format=" + format, "--numeric-owner"};
    command.insert(command.end(), more.begin(), more.end());
    command.insert(command.end(), {"-C", "SRC", "-cf", "OUT", "."});
    return command;
}

const Command kEverything{"--xattrs", "--xattrs-include=*", "--acls", "--sparse"};

Command sparse_version(const std::string& version) {
    Command more = kEverything;
    more.push_back("--sparse-version=" + version);
    return more;
}

Command bsdtar(const Command& more) {
    Command command{"bsdtar"};
    command.insert(command.end(), more.begin(), more.end());
    command.insert(command.end(), {"-C", "SRC", "-cf", "OUT", "."});
    return command;
}

std::vector<Packer> packers() {
    return {
        {"GNU tar, pax", gnu_tar("pax", kEverything), for_gnu_tar()},
        {"GNU tar, pax, ACLs as text", gnu_tar("pax", {"--xattrs", "--acls", "--sparse"}),
         for_gnu_tar()},
        {"GNU tar, pax, sparse 0.0", gnu_tar("pax", sparse_version("0.0")), for_gnu_tar()},
        {"GNU tar, pax, sparse 0.1", gnu_tar("pax", sparse_version("0.1")), for_gnu_tar()},
        {"GNU tar, pax, sparse 1.0", gnu_tar("pax", sparse_version("1.0")), for_gnu_tar()},
        {"GNU tar, gnu", gnu_tar("gnu", {"--sparse"}), for_gnu_format()},
        {"GNU tar, oldgnu", gnu_tar("oldgnu", {"--sparse"}), for_gnu_format()},
        {"GNU tar, ustar", gnu_tar("ustar"), for_ustar()},
        {"bsdtar, pax", bsdtar({"--format=pax", "--acls", "--xattrs"}), for_bsdtar()},
        {"bsdtar, restricted pax", bsdtar({}), for_restricted_pax()},
        {"bsdtar, ustar", bsdtar({"--format=ustar"}), for_ustar()},
    };
}

Command with_paths(Command command, const std::string& source, const std::string& out) {
    std::replace(command.begin(), command.end(), std::string("SRC"), source);
    std::replace(command.begin(), command.end(), std::string("OUT"), out);
    return command;
}

struct World {
    TempDir top;
    std::filesystem::path source = top / "source";
    std::filesystem::path staging = top / "staging";
    std::filesystem::path archive = top / "archive.tar";

    World() {
        std::filesystem::create_directory(source);
        std::filesystem::create_directory(staging);
    }
};

const std::vector<std::string> kNone;

} // namespace

TEST_CASE("A12, A13: a tree comes out of every kind of archive as it went in, set-uid bits, "
          "capabilities and directory times included",
          "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: owners and devices");
    }
    for (const Packer& packer : packers()) {
        INFO(packer.name);
        const World world;
        if (auto why = no_attributes(world.top.path())) {
            SKIP(*why);
        }
        make_rich_tree(world.source, packer.tree);
        run_ok(with_paths(packer.command, world.source, world.archive));
        const Tree expected = read_tree(world.source);
        for (const char* locale : {"C.UTF-8", "C"}) {
            INFO("locale " << locale);
            std::filesystem::remove_all(world.staging);
            std::filesystem::create_directory(world.staging);
            const Outcome outcome =
                unpack_here(read_file(world.archive), world.staging, {.locale = locale});
            CHECK(outcome.error == "");
            CHECK(tree_differences(expected, read_tree(world.staging)) == kNone);
        }
    }
}
