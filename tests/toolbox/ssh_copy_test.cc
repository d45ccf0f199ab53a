// Files and trees into a guest and out of it, through the real ssh, sshd and tar. The guest's file
// system is this one, so that both ends can be compared.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"
#include "tests/toolbox/ssh_server.hh"
#include "toolbox/ssh_copy.hh"

using namespace slipway;
using namespace slipway::toolbox;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

void copy(const SshServer& server, bool into, const fs::path& source, const fs::path& target,
          bool force = false) {
    ssh_copy(server.guest(),
             {.into_machine = into, .source = source, .target = target, .force = force}, {});
}

Lines names_in(const fs::path& directory) {
    Lines names;
    for (const auto& entry : fs::directory_iterator(directory)) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

// How much of a copy has arrived below `directory`.
std::uintmax_t hidden_bytes(const fs::path& directory) {
    std::uintmax_t bytes = 0;
    for (const std::string& name : names_in(directory)) {
        std::error_code not_yet;
        const std::uintmax_t size =
            name.starts_with(".#") ? fs::file_size(directory / name / "large", not_yet) : 0;
        bytes += not_yet ? 0 : size;
    }
    return bytes;
}

} // namespace

TEST_CASE("a tree comes back from a guest as it was, with owners, modes, times and links",
          "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    const TempDir top;
    const bool attributes = !no_attributes(top.path());
    fs::create_directory(top / "source");
    make_rich_tree(top / "source",
                   {.attributes = attributes, .acls = attributes, .node_links = false});
    copy(server, true, top / "source", top / "in the guest");
    CHECK(tree_differences(read_tree(top / "source"), read_tree(top / "in the guest")) == Lines{});
    copy(server, false, top / "in the guest", top / "back");
    CHECK(tree_differences(read_tree(top / "source"), read_tree(top / "back")) == Lines{});
    CHECK(names_in(top.path()) == Lines{"back", "in the guest", "source"});
}

TEST_CASE("a file and a symlink are copied under any name, both ways", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    const TempDir top;
    for (const char* name : {"-rf", "* a\\nb $HOME `id` 'x' \"y\"\nline\xff"}) {
        INFO(name);
        write_file(top / name, "x");
        REQUIRE(::chmod((top / name).c_str(), 04751) == 0);
        REQUIRE(::chown((top / name).c_str(), 1234, 5678) == 0);
        REQUIRE(::chmod((top / name).c_str(), 04751) == 0);
        const fs::path there = top / (std::string(name) + " there");
        copy(server, true, top / name, there);
        copy(server, false, there, top / (std::string(name) + " back"));
        struct stat info {};
        REQUIRE(::lstat((top / (std::string(name) + " back")).c_str(), &info) == 0);
        CHECK(info.st_mode == (S_IFREG | 04751));
        CHECK(info.st_uid == 1234);
        CHECK(info.st_gid == 5678);
    }
    fs::create_symlink("nowhere", top / "link");
    copy(server, true, top / "link", top / "link there");
    CHECK(fs::read_symlink(top / "link there") == "nowhere");
    for (const std::string& name : names_in(top.path())) {
        CHECK_FALSE(name.starts_with(".#"));
    }
}

TEST_CASE("what has the target's path stays, and a file goes with force", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    const TempDir top;
    write_file(top / "new", "new");
    write_file(top / "file", "old");
    fs::create_directories(top / "directory/full");
    fs::create_symlink("nowhere", top / "link");
    for (const bool into : {true, false}) {
        for (const char* name : {"directory", "link"}) {
            CHECK_THROWS_WITH(copy(server, into, top / "new", top / name),
                              contains("the target is there already"));
        }
        CHECK_THROWS_WITH(copy(server, into, top / "new", top / "directory", true),
                          contains("cannot overwrite directory") &&
                              contains("the target was left as it is"));
        CHECK(read_file(top / "file") == "old");
        copy(server, into, top / "new", top / "file", true);
        CHECK(read_file(top / "file") == "new");
        CHECK(names_in(top.path()) == Lines{"directory", "file", "link", "new"});
        write_file(top / "file", "old");
    }
}

TEST_CASE("a copy that cannot be made says why, and leaves nothing", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    const TempDir top;
    write_file(top / "file", "x");
    for (const bool into : {true, false}) {
        CHECK_THROWS_WITH(copy(server, into, top / "none", top / "copy"),
                          contains("the source does not exist"));
        CHECK_THROWS_WITH(copy(server, into, top / "file", top / "none/copy"),
                          contains("No such file or directory"));
        CHECK_THROWS_WITH(copy(server, into, "relative", top / "copy"),
                          contains("expected an absolute path"));
        CHECK_THROWS_WITH(copy(server, into, top / "file", "/"),
                          contains("expected an absolute path, and not '/' itself"));
        std::stop_source stop;
        stop.request_stop();
        CHECK_THROWS_AS(
            ssh_copy(server.guest(),
                     {.into_machine = into, .source = top / "file", .target = top / "copy"},
                     stop.get_token()),
            Canceled);
        CHECK(names_in(top.path()) == Lines{"file"});
    }
}

TEST_CASE("a connection that is lost half-way leaves nothing of the copy", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    const TempDir top;
    write_file(top / "large", std::string(300'000'000, 'x'));
    for (const bool into : {true, false}) {
        std::string failure;
        std::jthread copying([&] {
            try {
                copy(server, into, top / "large", top / "copy");
            } catch (const Error& error) {
                failure = error.what();
            }
        });
        while (hidden_bytes(top.path()) == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        server.drop_connections();
        copying.join();
        CHECK_THAT(failure, contains("the connection to the guest was lost"));
        CHECK(names_in(top.path()) == Lines{"large"});
    }
}

TEST_CASE("a guest that is not there is no file that is not there", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const TempDir top;
    write_file(top / "file", "x");
    SshGuest guest;
    {
        const SshServer server;
        guest = server.guest();
        guest.key = top / "file"; // the rest is gone as well
        guest.known_hosts = top / "known_hosts";
    }
    for (const bool into : {true, false}) {
        const CopyOrder order{.into_machine = into, .source = top / "file", .target = top / "copy"};
        CHECK_THROWS_WITH(ssh_copy(guest, order, {}), contains("Connection refused"));
        CHECK(names_in(top.path()) == Lines{"file"});
    }
}

TEST_CASE("a user who is not root copies through sudo, and only in the guest", "[ssh]") {
    const SshGuest guest{.address = "h", .user = "ada", .key = "/k", .known_hosts = "/h"};
    const SshCopy in =
        plan_ssh_copy(guest, {.into_machine = true, .source = "/a/b/", .target = "/c//./d"},
                      "0123456789abcdef", "/l");
    CHECK(in.pack.front() == "sh");
    CHECK(Lines(in.pack.end() - 2, in.pack.end()) == Lines{"/a", "b"});
    for (const Lines& command : {in.unpack, in.keep, in.discard}) {
        CHECK(command.front() == "ssh");
        CHECK(command.back().starts_with("'sudo' '-n' '--' 'sh' '-c' "));
    }
    CHECK(in.keep.back().ends_with(
        "'slipway' '/c/.#slipway-0123456789abcdef' 'b' '/c/d' 'no' ; exit $?"));
    const SshCopy out =
        plan_ssh_copy(guest, {.into_machine = false, .source = "/a", .target = "/c", .force = true},
                      "0123456789abcdef", "/l");
    CHECK(out.pack.back().ends_with("'slipway' '' 'a' ; exit $?"));
    CHECK(Lines(out.unpack.end() - 4, out.unpack.end()) ==
          Lines{"/.#slipway-0123456789abcdef", "a", "/c", "yes"});
}
