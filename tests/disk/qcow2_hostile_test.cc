// Images that are made to mislead (testdata/qcow2/make.py): each is refused with its name, or read
// as what it is, and costs nothing.

#include <map>
#include <set>

#include <sys/resource.h>

#include "tests/catch.hh"
#include "tests/disk/read_image.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

struct Refusal {
    Kind kind;
    const char* text;
};

const std::map<std::string, Refusal> kByName{
    {"backing-file",
     {Kind::Unsupported,
      "the qcow2 image is only the difference to another file, '/etc/passwd', which was not looked "
      "at; make it whole where that file is: qemu-img convert -O qcow2 IMAGE WHOLE.qcow2"}},
    {"backing-file-name-outside",
     {Kind::Unsupported, "only the difference to another file which was not looked at"}},
    {"data-file",
     {Kind::Unsupported,
      "the qcow2 image keeps its data in another file, '/etc/shadow', which was not looked at; "
      "make one of both: qemu-img convert -O qcow2 IMAGE WHOLE.qcow2"}},
    {"encrypted-aes",
     {Kind::Unsupported, "is encrypted (AES); decrypt it first: qemu-img convert"}},
    {"encrypted-luks",
     {Kind::Unsupported, "is encrypted (LUKS); decrypt it first: qemu-img convert"}},
    {"corrupt-bit",
     {Kind::Corrupt, "is marked as corrupt; look at it and mend it: qemu-img check"}},
    {"unknown-bit",
     {Kind::Unsupported,
      "incompatible bit 7, which it calls 'time travel', is set; convert it with the program that "
      "made it, or: qemu-img convert"}},
    {"unknown-bit-63", {Kind::Unsupported, "incompatible bit 63 is set"}},
    {"version-1",
     {Kind::Unsupported, "version 1 of the qcow format; convert it: qemu-img convert"}},
    {"version-4", {Kind::Unsupported, "version 4 of the qcow2 format; 2 and 3 are read"}},
    {"compression-unknown",
     {Kind::Unsupported, "compressed by method 9; zlib (0) and zstd (1) are read"}},
};

const std::map<std::string, Refusal> kUntrue{
    {"header-cut", {Kind::Corrupt, "cut off in its header, at byte 90"}},
    {"header-length", {Kind::Corrupt, "it is 2147483648 bytes long"}},
    {"compression-missing", {Kind::Corrupt, "its bit for a compression type contradicts the type"}},
    {"compression-without-bit",
     {Kind::Corrupt, "its bit for a compression type contradicts the type"}},
    {"cluster-bits-0", {Kind::Corrupt, "its clusters have 2^0 bytes; from 2^9 to 2^21"}},
    {"cluster-bits-8", {Kind::Corrupt, "its clusters have 2^8 bytes"}},
    {"cluster-bits-22", {Kind::Corrupt, "its clusters have 2^22 bytes"}},
    {"cluster-bits-64", {Kind::Corrupt, "its clusters have 2^64 bytes"}},
    {"extended-small-clusters", {Kind::Corrupt, "its clusters have 2^9 bytes; from 2^14 to 2^21"}},
    {"size-8eib", {Kind::Corrupt, "its disk has 8 EiB or more"}},
    {"size-below-8eib", {Kind::Limit, "states a disk of 7.9E, which needs a table of"}},
    {"size-no-sectors", {Kind::Corrupt, "its disk has 1000 bytes, which is no number of sectors"}},
    {"size-l1-overflow", {Kind::Limit, "needs a table of 256.0M where 32.0M are the limit"}},
    {"l1-short", {Kind::Corrupt, "its L1 table has 1 entries, a disk of 64.0K needs 2"}},
    {"l1-unaligned", {Kind::Corrupt, "its L1 table is at byte 1544"}},
    {"l1-nowhere", {Kind::Corrupt, "its L1 table is at byte 0"}},
    {"l1-high", {Kind::Corrupt, "its L1 table is at byte 1152921504606846976"}},
};

const std::map<std::string, Refusal> kAstray{
    {"l1-outside", {Kind::Corrupt, "leads to byte 1073741832, and its file ends at byte 2560"}},
    {"l1-over-l2", {Kind::Corrupt, "the cluster at byte 2048 is used twice"}},
    {"l2-outside", {Kind::Corrupt, "leads to byte 1099511628288, and its file ends at byte 2560"}},
    {"l2-unaligned", {Kind::Corrupt, "an L2 table is at byte 4608, between two clusters"}},
    {"l2-is-l1", {Kind::Corrupt, "the cluster at byte 1536 is used twice"}},
    {"l2-is-data", {Kind::Corrupt, "the qcow2 image is damaged: a compressed cluster"}},
    {"l2-twice", {Kind::Corrupt, "the cluster at byte 2048 is used twice"}},
    {"data-outside", {Kind::Corrupt, "leads to byte 1125899906843136"}},
    {"data-just-outside", {Kind::Corrupt, "leads to byte 3584, and its file ends at byte 3072"}},
    {"data-twice", {Kind::Corrupt, "the cluster at byte 2560 is used twice"}},
    {"data-is-l1", {Kind::Corrupt, "the cluster at byte 1536 is used twice"}},
    {"data-is-l2", {Kind::Corrupt, "the cluster at byte 2048 is used twice"}},
    {"data-unaligned", {Kind::Corrupt, "a cluster is at byte 12800, between two clusters"}},
    {"cut-in-l1", {Kind::Corrupt, "leads to byte 1544, and its file ends at byte 1539"}},
    {"cut-in-l2", {Kind::Corrupt, "leads to byte 2560, and its file ends at byte 2348"}},
    {"cut-in-data", {Kind::Corrupt, "leads to byte 3072, and its file ends at byte 2660"}},
    {"packed-outside", {Kind::Corrupt, "it is cut off or damaged"}},
    {"packed-long-outside", {Kind::Corrupt, "it is cut off or damaged"}},
    {"packed-in-header", {Kind::Corrupt, "a compressed cluster is at byte 100"}},
    {"packed-in-l2", {Kind::Corrupt, ""}},
    {"packed-garbage",
     {Kind::Corrupt,
      "the compressed cluster at byte 2560 of the qcow2 image, for byte 0 of the disk: its deflate "
      "data is damaged, or does not hold one cluster"}},
    {"packed-short", {Kind::Corrupt, "does not hold one cluster"}},
    {"packed-long", {Kind::Corrupt, "does not hold one cluster"}},
    {"packed-cut", {Kind::Corrupt, "its file ends at byte 3037: it is cut off or damaged"}},
    {"zstd-garbage", {Kind::Corrupt, "its zstd data is damaged"}},
    {"zstd-window", {Kind::Corrupt, "its zstd data is damaged"}},
    {"zstd-short", {Kind::Corrupt, "its zstd data"}},
    {"zstd-long", {Kind::Corrupt, "its zstd data"}},
    {"refcounts-over-data", {Kind::Corrupt, "the cluster at byte 2560 is used twice"}},
};

void check_refusals(const std::map<std::string, Refusal>& refusals) {
    const TempDir top;
    for (const auto& [name, refusal] : refusals) {
        const std::string image = image_data(name);
        for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{512}, std::size_t{7}}) {
            INFO(name << ", " << piece << " bytes at a time");
            const ReadOutcome outcome = read_image(as_bytes(image), top / "disk", {.piece = piece});
            CHECK_FALSE(outcome.done);
            CHECK(word(outcome.kind) == word(refusal.kind));
            CHECK_THAT(outcome.error, contains(refusal.text));
            CHECK(outcome.data_bytes <= 4096);
        }
    }
}

std::set<std::string> names_of(const std::filesystem::path& directory) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == ".qcow2") {
            names.insert(entry.path().stem());
        }
    }
    return names;
}

} // namespace

TEST_CASE("Q2: what cannot be read is refused by name, with the line that helps",
          "[disk][qcow2][hostile]") {
    check_refusals(kByName);
}

TEST_CASE("Q3: headers are not believed", "[disk][qcow2][hostile]") {
    check_refusals(kUntrue);
}

TEST_CASE("Q3: tables that lead outside, overlap or loop are refused", "[disk][qcow2][hostile]") {
    check_refusals(kAstray);
}

TEST_CASE("Q3: what a hostile header claims takes no memory", "[disk][qcow2][hostile]") {
    const TempDir top;
    struct rusage before {};
    ::getrusage(RUSAGE_SELF, &before);
    for (const char* name : {"size-8eib", "size-below-8eib", "size-l1-overflow", "l1-over-l2",
                             "l2-outside", "data-outside", "refcounts-over-data"}) {
        read_image(as_bytes(image_data(name)), top / "disk");
    }
    struct rusage after {};
    ::getrusage(RUSAGE_SELF, &after);
    CHECK(after.ru_maxrss - before.ru_maxrss <= 64 * 1024); // KiB; the sanitizers' share included
}

TEST_CASE("small images that are right are what qemu-img reads", "[disk][qcow2]") {
    const TempDir top;
    for (const char* name : {"right-v2", "right-v3", "right-zeros", "right-dirty", "right-zlib",
                             "right-zstd", "right-backwards", "right-empty-disk"}) {
        INFO(name);
        run_ok({"qemu-img", "convert", "-f", "qcow2", "-O", "raw", image_path(name),
                top / "expected"});
        const ReadOutcome outcome = read_image(as_bytes(image_data(name)), top / "disk");
        CHECK(outcome.error == "");
        CHECK((read_file(top / "disk") == read_file(top / "expected")));
    }
}

TEST_CASE("testdata/qcow2 is what its script makes, and every image has its test",
          "[disk][qcow2]") {
    const TempDir made;
    run_ok({"python3", image_path("").parent_path() / "make.py", made.path()});
    const std::set<std::string> names = names_of(made.path());
    CHECK(names == names_of(image_path("").parent_path()));
    for (const std::string& name : names) {
        INFO(name);
        CHECK((read_file(made / (name + ".qcow2")) == image_data(name)));
        const bool tested = name.starts_with("right-") || kByName.contains(name) ||
                            kUntrue.contains(name) || kAstray.contains(name);
        CHECK(tested);
    }
}
