// Names, owners and times: exact, or refused with the field named.

#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

TEST_CASE("A11: names that cannot be kept are refused and shown quoted", "[pull][hostile]") {
    check_refusals({
        {"name-empty", Kind::Corrupt, "'': its name is empty"},
        {"name-256", Kind::Corrupt,
         "a part of its name is 256 bytes long; a file system takes 255"},
        {"path-4096", Kind::Corrupt, "its name is 4096 bytes long; the kernel takes 4095"},
        {"depth-257", Kind::Limit, "it lies 257 directories deep; the limit on depth is 256"},
        {"depth-by-symlinks", Kind::Limit, "it lies more than 256 directories deep"},
        {"name-nul-pax", Kind::Corrupt,
         "the name 'seen\\x00unseen' in its extended header holds a NUL byte"},
        {"target-nul-pax", Kind::Corrupt,
         "the name 'seen\\x00unseen' in its extended header holds a NUL byte"},
    });
}

TEST_CASE("A11: names are bytes, whatever the locale", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    struct Named {
        const char* archive;
        std::vector<std::string> names;
    };
    const std::vector<Named> archives{
        {"name-255", {std::string(255, 'n')}},
        {"name-not-utf8", {"caf\xe9", "r\xe9sum\xe9"}},
        {"name-two-forms", {"e\xcc\x81", "\xc3\xa9"}},
        {"name-newline", {"\x1b[31mred", "new\nline"}},
        {"name-dash", {"--", "-rf", "~root"}},
        {"name-unnormal", {"d", "d/f"}},
        {"name-only-slashes", {"f"}},
        {"binary-charset", {"caf\xe9"}},
    };
    Trial trial;
    for (const char* locale : {"C.UTF-8", "C"}) {
        for (const Named& one : archives) {
            INFO(one.archive << " in " << locale);
            CHECK(trial.unpack(one.archive, {.locale = locale}).error == "");
            Tree tree = trial.tree();
            tree.erase(".");
            std::vector<std::string> found;
            for (const auto& [name, node] : tree) {
                found.push_back(name);
            }
            CHECK(found == one.names);
        }
    }
    CHECK(read_file(trial.staging() / "caf\xe9") == "x");
}

TEST_CASE("A11: a path of 4095 bytes and one of 256 directories are unpacked", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("path-4095").error == "");
    std::size_t longest = 0;
    for (const auto& [name, node] : trial.tree()) {
        longest = std::max(longest, name.size());
    }
    CHECK(longest == 4095);
    CHECK(trial.unpack("depth-256").error == "");
    CHECK(trial.tree().size() == 257);
}

TEST_CASE("A12: owners and times that cannot be kept are refused, naming the field",
          "[pull][hostile]") {
    check_refusals({
        {"owner-minus-one", Kind::Corrupt, "'f': its user id 4294967295 is not one"},
        {"owner-negative", Kind::Corrupt, "'f': its group id -5 is not one"},
        {"owner-huge", Kind::Corrupt, "'f': its user id 9223372036854775807 is not one"},
        {"time-malformed", Kind::Corrupt, "'f': its time 'yesterday' is not one"},
        {"time-overflow", Kind::Corrupt, "'f': its time '999999999999999999999999999999'"},
        {"size-negative", Kind::Corrupt, "Tar entry has negative size"},
        {"size-overflow", Kind::Corrupt, "Tar entry size overflow"},
    });
}

TEST_CASE("A12: a time that the file system cannot keep is refused, not bent", "[pull][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const Outcome outcome = trial.unpack("time-far");
    // btrfs and xfs with large times keep it.
    if (outcome.tree) {
        CHECK(trial.tree().at("f").mtime_seconds == 999'999'999'999);
    } else {
        CHECK_THAT(outcome.error, contains("'f': its time, 999999999999 seconds from 1970, is not "
                                           "one that this file system can keep"));
        CHECK(outcome.kind == Kind::Unsupported);
    }
}

TEST_CASE("A12: owners beyond 2³¹, times before 1970 and nanoseconds are exact", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: owners");
    }
    Trial trial;
    CHECK(trial.unpack("owner-large").error == "");
    CHECK(trial.tree().at("f").uid == 3'000'000'000);
    CHECK(trial.tree().at("f").gid == 4'294'967'294);

    CHECK(trial.unpack("time-negative").error == "");
    const Tree tree = trial.tree();
    CHECK(tree.at("f").mtime_seconds == -2);
    CHECK(tree.at("f").mtime_nanoseconds == 500'000'000);
    CHECK(tree.at("g").mtime_seconds == -86'400);

    CHECK(trial.unpack("time-nanoseconds").error == "");
    struct stat found {};
    REQUIRE(::stat((trial.staging() / "f").c_str(), &found) == 0);
    CHECK(found.st_mtim.tv_sec == 1'234'567'890);
    CHECK(found.st_mtim.tv_nsec == 123'456'789);
    CHECK(found.st_atim.tv_sec == 1);
    CHECK(found.st_atim.tv_nsec == 500'000'000);
}
