// The words for what was stored.

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "transfer/stored.hh"

using namespace slipway;
using namespace slipway::transfer;
using Lines = std::vector<std::string>;

namespace {

pull::UnpackDone tree(const std::string& hoisted = "") {
    pull::Unpacked what;
    what.entries = 34;
    what.unpacked_bytes = 1288490188;
    what.hoisted = hoisted;
    return {.digests = {}, .codec = "gzip", .packed_bytes = 1, .what = what};
}

pull::UnpackDone disk(const std::string& format, const std::string& codec = "plain",
                      const std::string& member = "") {
    return {.digests = {},
            .codec = codec,
            .packed_bytes = 1,
            .what = pull::UnpackedDisk{format, member, 2 * GiB, 512 * MiB}};
}

} // namespace

TEST_CASE("a tree is counted in entries, a disk in what of it is data", "[transfer][stored]") {
    CHECK(extent(tree()) == "1.2G in 34 entries");
    CHECK(extent(disk("qcow2")) == "2.0G of which 512.0M are data, qcow2");
    CHECK(noun(storage::ImageType::Subvolume) == "subvolume");
    CHECK(noun(storage::ImageType::Raw) == "raw disk");
}

TEST_CASE("what was made of the input is remarked on", "[transfer][stored]") {
    CHECK(remarks(tree()).empty());
    CHECK(remarks(tree("root.x86_64")) ==
          Lines{"the tree beneath 'root.x86_64' was moved one directory up"});
    CHECK(remarks(disk("raw")).empty());
    CHECK(remarks(disk("raw", "gzip", "disk.raw")) == Lines{"the disk is 'disk.raw' of a tar"});
}

TEST_CASE("only a plain raw disk says nothing of its end", "[transfer][stored]") {
    CHECK(is_plain_disk(disk("raw")));
    CHECK_FALSE(is_plain_disk(disk("raw", "zstd")));
    CHECK_FALSE(is_plain_disk(disk("raw", "plain", "disk.raw")));
    CHECK_FALSE(is_plain_disk(disk("qcow2")));
    CHECK_FALSE(is_plain_disk(tree()));
}
