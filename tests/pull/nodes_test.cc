// Kinds of inode, owners and attributes: as they are, or refused with the first of them named.

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"
#include "tests/support/rich_tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) {
        text.push_back(static_cast<char>(value));
    }
    return text;
}

} // namespace

TEST_CASE("A14: sockets are left out and counted", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    for (const char* name : {"socket-by-mode", "socket-by-star"}) {
        INFO(name);
        const Outcome outcome = trial.unpack(name);
        REQUIRE(outcome.error == "");
        CHECK(outcome.tree->sockets == 1);
        CHECK(outcome.warnings == std::vector<std::string>{"left out: 1 socket"});
        CHECK(trial.tree().count("s") == 0);
        CHECK(trial.tree().count("f") == 1);
    }
}

TEST_CASE("A14: fifos and devices, 0:0 among them, are as they were", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: devices");
    }
    Trial trial;
    REQUIRE(trial.unpack("devices").error == "");
    const Tree tree = trial.tree();
    CHECK(tree.at("null").mode == (S_IFCHR | 0666));
    CHECK(tree.at("null").device == makedev(1, 3));
    CHECK(tree.at("gone").mode == (S_IFCHR | 0644));
    CHECK(tree.at("gone").device == makedev(0, 0));
    CHECK(tree.at("disk").mode == (S_IFBLK | 0660));
    CHECK(tree.at("disk").device == makedev(8, 300));
    CHECK(tree.at("disk").gid == 6);
    CHECK(tree.at("pipe").mode == (S_IFIFO | 04600));
    CHECK(tree.at("pipe").uid == 5);
}

TEST_CASE("A14: what cannot be made or is of no known kind is refused by name", "[pull][hostile]") {
    check_refusals({
        {"device-too-large", Kind::Corrupt, "'d': its major device number 4096 is too large"},
        {"type-unknown", Kind::Unsupported, "'f': it is of type 'Z', which is not supported"},
        {"type-multivolume", Kind::Unsupported, "'f': it is of type 'M', which is not supported"},
    });
}

TEST_CASE("A14: devices and foreign owners need rights, and the first of them is named", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root to become somebody without rights");
    }
    Trial trial;
    Outcome outcome = trial.unpack("devices", {.as_nobody = true});
    CHECK_FALSE(outcome.tree);
    CHECK(outcome.kind == Kind::Denied);
    CHECK(outcome.error == "'null': cannot make the character device 1:3: Operation not permitted; "
                           "only root may make devices");
    outcome = trial.unpack("file-twice", {.as_nobody = true});
    CHECK(outcome.kind == Kind::Denied);
    CHECK(outcome.error == "'f': cannot give it to its owner 0:0: only root may; run it as root");
}

TEST_CASE("A16: an owner without a number in the user namespace is refused, naming it", "[pull]") {
    Trial trial;
    const Outcome outcome = trial.unpack("owner-large", {.one_user = true});
    if (outcome.error.find("cannot make a user namespace") != std::string::npos) {
        SKIP("user namespaces are refused on this host");
    }
    CHECK(outcome.kind == Kind::Denied);
    CHECK(outcome.error == "'f': its owner 3000000000:4294967294 does not exist in this user "
                           "namespace; nothing is given to another owner instead");
}

TEST_CASE("A15: an attribute that the file system cannot hold is refused, naming it and the path",
          "[pull][hostile]") {
    check_refusals({
        {"xattr-too-large", Kind::Unsupported,
         "'f': this file system cannot hold its attribute 'user.large' of 70000 bytes"},
        {"xattr-unknown-space", Kind::Unsupported,
         "'f': this file system cannot hold its attribute 'nowhere.a' of 1 bytes"},
        {"xattr-on-symlink", Kind::Unsupported,
         "'s': this file system cannot hold its attribute 'user.a' of 1 bytes"},
        {"xattr-twice-different", Kind::Corrupt,
         "'f': it has two different values of the attribute 'user.a'"},
        {"capability-malformed", Kind::Corrupt,
         "'f': its attribute 'security.capability' is malformed"},
        {"acl-name-only", Kind::Unsupported,
         "'f': its access control list names 'nobody' without a number"},
        {"acl-malformed", Kind::Corrupt, "'f': its header is malformed"},
        {"acl-incomplete", Kind::Corrupt,
         "'d': its attribute 'system.posix_acl_default' is malformed"},
        {"acl-binary-malformed", Kind::Corrupt,
         "'f': its attribute 'system.posix_acl_access' is malformed"},
    });
}

TEST_CASE("A15: with the option such attributes are left out and counted", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    for (const char* name : {"xattr-too-large", "xattr-unknown-space", "xattr-on-symlink"}) {
        INFO(name);
        const Outcome outcome = trial.unpack(name, {.options = {.skip_unsupported_xattrs = true}});
        REQUIRE(outcome.error == "");
        CHECK(outcome.tree->unsupported_xattrs == 1);
        CHECK(outcome.warnings == std::vector<std::string>{"left out: 1 attribute that this file "
                                                           "system cannot hold"});
    }
}

TEST_CASE("attributes that need more rights are left out and counted, or kept by option",
          "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: trusted.*");
    }
    Trial trial;
    Outcome outcome = trial.unpack("xattr-privileged");
    REQUIRE(outcome.error == "");
    CHECK(outcome.tree->privileged_xattrs == 3);
    CHECK(outcome.warnings ==
          std::vector<std::string>{
              "left out: 3 attributes of trusted.* and security.*; keep such with "
              "--privileged-xattrs"});
    CHECK(trial.tree().at("f").attributes.empty());

    outcome = trial.unpack("xattr-privileged", {.options = {.privileged_xattrs = true}});
    REQUIRE(outcome.error == "");
    CHECK(outcome.tree->privileged_xattrs == 0);
    CHECK(outcome.warnings.empty());
    // security.selinux is not compared, and the copy of an ACL that xfs shows is none.
    CHECK(trial.tree().at("f").attributes ==
          std::map<std::string, std::string>{{"security.ima", "v"}, {"trusted.a", "v"}});
}

TEST_CASE("flags of files are left out and counted", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("file-flags").warnings ==
          std::vector<std::string>{"left out: the flags (as of chattr) of 1 file"});
}

TEST_CASE("an attribute that bsdtar has written twice is one", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    REQUIRE(trial.unpack("xattr-twice-equal").error == "");
    CHECK(trial.tree().at("f").attributes ==
          std::map<std::string, std::string>{{"user.a", "value"}});
}

TEST_CASE("access control lists are read as GNU tar and as bsdtar write them", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const auto list = [](int id) {
        return std::map<std::string, std::string>{
            {"system.posix_acl_access", bytes({2,    0,    0,    0,    1,    0,
                                               6,    0,    0xff, 0xff, 0xff, 0xff, //
                                               2,    0,    4,    0,    id,   id == 2 ? 0 : 3,
                                               0,    0, //
                                               4,    0,    4,    0,    0xff, 0xff,
                                               0xff, 0xff, //
                                               16,   0,    4,    0,    0xff, 0xff,
                                               0xff, 0xff, //
                                               32,   0,    0,    0,    0xff, 0xff,
                                               0xff, 0xff})}};
    };
    REQUIRE(trial.unpack("acl-text").error == "");
    CHECK(trial.tree().at("f").attributes == list(1000 & 0xff));
    CHECK(trial.tree().at("f").mode == (S_IFREG | 0640));
    REQUIRE(trial.unpack("acl-bsdtar").error == "");
    CHECK(trial.tree().at("f").attributes == list(2));
}
