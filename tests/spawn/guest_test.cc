// What is read out of a machine's files.

#include "spawn/guest.hh"
#include "spawn/guest_facts.hh"
#include "tests/catch.hh"

using namespace slipway::spawn;

TEST_CASE("a user is found by name, else by number", "[spawn]") {
    constexpr const char* kPasswd = "root:x:0:0:root:/root:/bin/bash\n"
                                    "broken:x:1\n"
                                    "not-a-number:x:one:1::/:/bin/sh\n"
                                    "bare:x:7:8:::\n"
                                    "7:x:9:9::/seven:/bin/sh\n"
                                    "last:x:10:10::/last:/bin/zsh";
    CHECK(find_user_in(kPasswd, "root") == GuestUser{"root", 0, 0, "/root", "/bin/bash"});
    CHECK(find_user_in(kPasswd, "0")->name == "root");
    CHECK(find_user_in(kPasswd, "bare") == GuestUser{"bare", 7, 8, "/", "/bin/sh"});
    CHECK(find_user_in(kPasswd, "7")->home == "/seven"); // its name, though another's number
    CHECK(find_user_in(kPasswd, "8") == std::nullopt);
    CHECK(find_user_in(kPasswd, "last")->shell == "/bin/zsh");
    for (const char* missing : {"", "broken", "not-a-number", "roo", "nobody"}) {
        CHECK(find_user_in(kPasswd, missing) == std::nullopt);
    }
    CHECK(find_user_in("", "root") == std::nullopt);
}

TEST_CASE("a variable of os-release is found without its quotes", "[spawn]") {
    constexpr const char* kRelease = "ID=debian\nVERSION_ID=\"12\"\nID_LIKE='x y'\nEMPTY=\nODD=\"";
    CHECK(find_variable(kRelease, "ID") == "debian");
    CHECK(find_variable(kRelease, "VERSION_ID") == "12");
    CHECK(find_variable(kRelease, "ID_LIKE") == "x y");
    CHECK(find_variable(kRelease, "EMPTY").empty());
    CHECK(find_variable(kRelease, "ODD") == "\"");
    CHECK(find_variable(kRelease, "VERSION").empty());
    CHECK(find_variable("", "ID").empty());
}
