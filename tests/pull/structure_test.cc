// Cut, damaged and odd archives, and what lies behind their end.

#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Warnings = std::vector<std::string>;

} // namespace

TEST_CASE("A1: an archive cut within an entry is refused and says where", "[pull][hostile]") {
    check_refusals({
        {"end-cut-in-header", Kind::Corrupt,
         "the tar archive is cut off: it ends at byte 1324, behind the entry 'f'"},
        {"end-cut-in-data", Kind::Corrupt, "'g': the tar archive is cut off: it ends at byte 2536"},
        {"end-cut-in-padding", Kind::Corrupt, "the tar archive is cut off: it ends at byte 1636"},
        {"end-cut-in-pax", Kind::Corrupt, "the tar archive is cut off: it ends at byte 1724"},
    });
}

TEST_CASE("A2: a damaged header is refused, wherever it lies", "[pull][hostile]") {
    check_refusals({
        {"checksum-wrong", Kind::Corrupt,
         "the tar archive is damaged at byte 1536, behind the entry 'f': Damaged tar archive"},
        {"pax-malformed-length", Kind::Corrupt,
         "'f': its extended header is malformed at '99 path=x\\n'"},
        {"pax-malformed-record", Kind::Corrupt, "'f': its extended header is malformed at"},
        {"pax-no-newline", Kind::Corrupt, "'f': its extended header is malformed at"},
        {"pax-empty-key", Kind::Corrupt, "the tar archive is damaged"},
        {"pax-twice", Kind::Corrupt, "it has two extended headers"},
        {"pax-without-entry", Kind::Corrupt, "the tar archive is damaged"},
        {"pax-too-large", Kind::Corrupt, "Special header too large"},
        {"special-headers-33", Kind::Corrupt, "it has no header of its own"},
        {"pax-global-mtime", Kind::Unsupported, "a global header sets 'mtime' for all entries"},
    });
}

TEST_CASE("A5: zeros and garbage behind the end are read to their end; garbage is one warning",
          "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    struct Ended {
        const char* name;
        Warnings warnings;
    };
    Trial trial;
    for (const Ended& one : std::vector<Ended>{
             {"end-padding", {}},
             {"end-one-block", {}},
             {"end-garbage",
              {"left out: 107 bytes behind the archive's end mark, from byte 2748 on"}},
             {"end-garbage-after-one",
              {"left out: 512 bytes behind the archive's end mark, from byte 1536 on"}},
             {"end-second-archive",
              {"left out: 2048 bytes behind the archive's end mark, from byte 2048 on; they start "
               "like another archive"}}}) {
        for (const std::size_t piece :
             {std::size_t{1} << 20, std::size_t{512}, std::size_t{2000}}) {
            INFO(one.name << ", " << piece << " bytes at a time");
            const Outcome outcome = trial.unpack(one.name, {.piece = piece});
            CHECK(outcome.error == "");
            CHECK(outcome.warnings == one.warnings);
            CHECK(trial.tree().size() == 2);
        }
    }
}

TEST_CASE("A6: an archive without its end mark is taken, with a warning", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const Outcome outcome = trial.unpack("end-missing");
    REQUIRE(outcome.error == "");
    CHECK(outcome.warnings ==
          Warnings{"the archive has no end mark; if it was cut off between two entries, nobody can "
                   "tell"});
    CHECK(read_file(trial.staging() / "f") == "x");
}

TEST_CASE("labels and comments of an archive are no entries", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    for (const char* name : {"type-volume-label", "pax-global-comment"}) {
        const Outcome outcome = trial.unpack(name);
        REQUIRE(outcome.error == "");
        CHECK(outcome.tree->entries == 1);
        CHECK(trial.tree().count("f") == 1);
    }
}

TEST_CASE("what lies in testdata/tar is what its script makes, and each is described there",
          "[pull]") {
    if (run({"python3", "--version"}).status != 0) {
        SKIP("python3 is missing: the script cannot be run");
    }
    TempDir made;
    run_ok({"python3", tar_data("make.py"), made.path()});
    const std::string readme = read_file(tar_data("README.md"));
    for (const auto& entry : std::filesystem::directory_iterator(made.path())) {
        const std::string name = entry.path().filename().string();
        INFO(name);
        CHECK(read_file(entry.path()) == read_file(tar_data(name)));
        CHECK_THAT(readme, contains("`" + name + "`"));
    }
}
