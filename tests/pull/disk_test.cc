// What becomes of a stream that should hold a disk: told by its bytes, wrapped or not, within its
// budget.

#include "base/error.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/pull/disk_here.hh"
#include "tests/pull/tar_maker.hh"
#include "tests/pull/unpack_here.hh"
#include "tests/support/disk_file.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kPieces[] = {std::size_t{1} << 30, 100'001, 512, 7};

// A disk of 8 MiB and a bit that begins with a partition table.
std::string small_disk() {
    std::string disk = content_of({0, 512});
    disk[510] = '\x55';
    disk[511] = '\xaa';
    disk.resize(4 * MiB);
    disk += content_of({4 * MiB, 70'000, Fill::Text});
    disk.resize(8 * MiB + 1000);
    return disk;
}

std::string qcow2_data(const std::string& name) {
    return read_file(std::filesystem::path(SLIPWAY_TESTDATA) / "qcow2" / (name + ".qcow2"));
}

std::string at(std::size_t offset, std::string_view magic) {
    std::string text(100'000, 'x');
    return text.replace(offset, magic.size(), magic);
}

void check_refused(const std::string& image, Kind kind, const std::string& text) {
    const TempDir top;
    for (const std::size_t piece : kPieces) {
        INFO(piece << " bytes at a time");
        const DiskOutcome outcome =
            unpack_disk_here(as_bytes(image), top / "disk", {.piece = piece});
        CHECK_FALSE(outcome.disk);
        CHECK(word(outcome.kind) == word(kind));
        CHECK(outcome.error == text);
    }
}

} // namespace

TEST_CASE("a raw disk comes as it is, in any pieces", "[pull][disk]") {
    const TempDir top;
    const std::string disk = small_disk();
    for (const std::size_t piece : kPieces) {
        INFO(piece << " bytes at a time");
        const DiskOutcome outcome =
            unpack_disk_here(as_bytes(disk), top / "disk", {.piece = piece});
        CHECK(outcome.error == "");
        REQUIRE(outcome.disk);
        CHECK(outcome.disk->format == "raw");
        CHECK(outcome.disk->member.empty());
        CHECK(outcome.disk->size_bytes == disk.size());
        CHECK(outcome.disk->data_bytes < 100'000);
        CHECK((read_file(top / "disk") == disk));
    }
}

TEST_CASE("a disk of one byte is a disk, and an empty input is none", "[pull][disk]") {
    const TempDir top;
    CHECK(unpack_disk_here(as_bytes("x"), top / "disk").error == "");
    CHECK(read_file(top / "disk") == "x");
    check_refused("", Kind::Corrupt, "the input is empty; expected a disk image");
}

TEST_CASE("Q4: qcow2 is told by its bytes", "[pull][disk]") {
    const TempDir top;
    for (const std::size_t piece : kPieces) {
        const DiskOutcome outcome =
            unpack_disk_here(as_bytes(qcow2_data("right-v3")), top / "disk", {.piece = piece});
        CHECK(outcome.error == "");
        REQUIRE(outcome.disk);
        CHECK(outcome.disk->format == "qcow2");
        CHECK(outcome.disk->size_bytes == 32 * KiB);
        CHECK(outcome.disk->data_bytes == 1024);
        CHECK(read_file(top / "disk").substr(0, 1536) ==
              std::string(512, 'a') + std::string(512, '\0') + std::string(512, 'b'));
    }
}

TEST_CASE("Q5: a tar with one disk is that disk", "[pull][disk]") {
    const TempDir top;
    const std::string disk = small_disk();
    const std::string tar = tar_directory("./") + tar_directory("image/") +
                            tar_file("image/disk.raw", disk) + tar_end();
    for (const std::size_t piece : kPieces) {
        INFO(piece << " bytes at a time");
        const DiskOutcome outcome = unpack_disk_here(as_bytes(tar), top / "disk", {.piece = piece});
        CHECK(outcome.error == "");
        CHECK(outcome.warnings == Words{});
        REQUIRE(outcome.disk);
        CHECK(outcome.disk->format == "raw");
        CHECK(outcome.disk->member == "image/disk.raw");
        CHECK(outcome.disk->size_bytes == disk.size());
        CHECK((read_file(top / "disk") == disk));
    }
    const DiskOutcome outcome = unpack_disk_here(
        as_bytes(tar_file("a.img", qcow2_data("right-zlib")) + tar_end()), top / "disk");
    CHECK(outcome.error == "");
    REQUIRE(outcome.disk);
    CHECK(outcome.disk->format == "qcow2");
    CHECK(outcome.disk->member == "a.img");
}

TEST_CASE("Q5: holes of a disk in a tar are kept, wherever they are", "[pull][disk]") {
    const TempDir top;
    const std::uint64_t size = 3000 * MiB + 512;
    const std::vector<Stretch> stretches =
        GENERATE(std::vector<Stretch>{{0, 5000}, {1000 * MiB, 1 * MiB}},
                 std::vector<Stretch>{{2000 * MiB, 5000}, {3000 * MiB, 512}},
                 std::vector<Stretch>{{8192, 512}}, std::vector<Stretch>{});
    make_disk(top / "disk.raw", size, stretches);
    const std::string format = GENERATE("gnu", "pax");
    const std::string tar =
        run_ok({"tar", "--format=" + format, "--sparse", "-C", top.path(), "-c", "disk.raw"});
    const DiskOutcome outcome = unpack_disk_here(as_bytes(tar), top / "made");
    CHECK(outcome.error == "");
    REQUIRE(outcome.disk);
    CHECK(outcome.disk->size_bytes == size);
    CHECK(difference(top / "disk.raw", top / "made") == "");
    CHECK(allocated_map(top / "made") == data_map(top / "disk.raw"));
}

TEST_CASE("Q5: a tar with two files, or with a tree, is refused, naming what is in it",
          "[pull][disk]") {
    const std::string disk = small_disk().substr(0, 5000);
    const std::string advice = "; expected one disk image alone. Unpack it and import the one that "
                               "is meant; a tree is brought in with pull-tar or import-tar";
    check_refused(tar_file("a.raw", disk) + tar_file("b.raw", disk) + tar_end(), Kind::Unsupported,
                  "the archive holds more than one file, 'a.raw' and 'b.raw'" + advice);
    check_refused(tar_directory("etc/") + tar_file("etc/hostname", "box\n") +
                      tar_file("etc/hosts", "::1 box\n") + tar_end(),
                  Kind::Unsupported,
                  "the archive holds more than one file, 'etc/hostname' and 'etc/hosts'" + advice);
    check_refused(read_file(tar_data("symlink-absolute-parent.tar")), Kind::Unsupported,
                  "the archive holds 'd', which is no plain file; expected one disk image alone. A "
                  "tree is brought in with pull-tar or import-tar");
    check_refused(tar_directory("d/") + tar_end(), Kind::Corrupt,
                  "the archive holds no file; expected one disk image");
    check_refused(tar_file("a.raw", "") + tar_end(), Kind::Corrupt,
                  "'a.raw' in the archive: the input is empty; expected a disk image");
    check_refused(tar_file("a.raw.xz", std::string("\xfd\x37zXZ\0 and more", 15)) + tar_end(),
                  Kind::Unsupported,
                  "'a.raw.xz' in the archive: the input is an xz stream, not a disk image; it is "
                  "compressed twice: decompress it once");
}

TEST_CASE("Q5: a damaged archive around a disk is refused", "[pull][disk][hostile]") {
    const TempDir top;
    const std::string tar = tar_file("a.raw", small_disk()) + tar_end();
    for (const std::size_t cut : {600U, 100'000U, 5'000'000U}) {
        const DiskOutcome outcome = unpack_disk_here(as_bytes(tar).first(cut), top / "disk");
        CHECK_FALSE(outcome.disk);
        CHECK(outcome.kind == Kind::Corrupt);
        CHECK_THAT(outcome.error, contains("'a.raw' in the archive: the tar archive is cut off"));
    }
}

TEST_CASE("A20: container images in layers are refused: what it is, what to use", "[pull][disk]") {
    const std::string text =
        "the archive is a container image in layers, not a disk image; make a container of it, "
        "take what 'docker export' or 'podman export' writes, and bring that in with pull-tar or "
        "import-tar";
    const std::string layer(64, 'a');
    check_refused(tar_directory(layer + "/") + tar_file(layer + "/VERSION", "1.0") +
                      tar_file(layer + "/json", "{}") + tar_file("manifest.json", "[]") + tar_end(),
                  Kind::Unsupported, text);
    check_refused(tar_directory("blobs/") + tar_directory("blobs/sha256/") +
                      tar_file("blobs/sha256/" + std::string(64, 'a'), "{}") + tar_end(),
                  Kind::Unsupported, text);
    check_refused(tar_file(std::string(64, '0') + "/layer.tar", "x") + tar_end(), Kind::Unsupported,
                  text);
}

TEST_CASE("A7: what is no disk is refused: what it is and what to do", "[pull][disk]") {
    const std::string convert =
        ", which is not read here; convert it first: qemu-img convert -O qcow2 IMAGE NEW.qcow2";
    check_refused(at(0, "KDMV"), Kind::Unsupported, "the input is a VMDK disk image" + convert);
    check_refused(at(0, "vhdxfile"), Kind::Unsupported, "the input is a VHDX disk image" + convert);
    check_refused(at(0, "conectix"), Kind::Unsupported, "the input is a VHD disk image" + convert);
    check_refused(at(64, "\x7f\x10\xda\xbe"), Kind::Unsupported,
                  "the input is a VDI disk image" + convert);
    check_refused(at(0, {"QED\0", 4}), Kind::Unsupported,
                  "the input is a QED disk image" + convert);
    check_refused(at(0, "WithoutFreeSpace"), Kind::Unsupported,
                  "the input is a Parallels disk image" + convert);
    check_refused(at(0, "\x28\xb5\x2f\xfd"), Kind::Unsupported,
                  "the input is a zstd stream, not a disk image; it is compressed twice: "
                  "decompress it once");
    check_refused(at(0, "PK\x03\x04"), Kind::Unsupported,
                  "the input is a zip archive, not a disk image; unpack it and import the disk in "
                  "it");
}

TEST_CASE("S11: a page instead of a disk is refused as what it is", "[pull][disk]") {
    check_refused("\n<!DOCTYPE html><title>404</title>", Kind::Corrupt,
                  "the input is an HTML or XML page, not a disk image; a server may have sent it "
                  "instead of the image: look at the URL");
}

TEST_CASE("disks and file systems of every other kind are raw disks", "[pull][disk]") {
    const TempDir top;
    for (const std::string& image :
         {at(512, "EFI PART"), at(0, "hsqs"), at(0, "XFSB"), at(1080, "\x53\xef"),
          at(65600, "_BHRfS_M"), at(32769, "CD001"), at(510, "\x55\xaa"), std::string("garbage"),
          std::string(70'000, '\0')}) {
        const DiskOutcome outcome = unpack_disk_here(as_bytes(image), top / "disk");
        CHECK(outcome.error == "");
        CHECK((read_file(top / "disk") == image));
    }
}

TEST_CASE("Q2: what qcow2 refuses by name is refused here, in an archive as well",
          "[pull][disk][hostile]") {
    const TempDir top;
    const std::string image = qcow2_data("backing-file");
    CHECK_THAT(unpack_disk_here(as_bytes(image), top / "disk").error, contains("'/etc/passwd'"));
    CHECK_THAT(
        unpack_disk_here(as_bytes(tar_file("d.qcow2", image) + tar_end()), top / "disk").error,
        contains("'d.qcow2' in the archive: the qcow2 image is only the difference"));
}

TEST_CASE("S19: a disk is stopped at the limit on size, before it is made where it says its size",
          "[pull][disk]") {
    const TempDir top;
    const std::string text = "the disk is larger than 16.0K, the limit on size; if it is meant to "
                             "be so large, raise it with --max-size";
    const std::string raw(16 * KiB, 'x');
    const DiskSettings settings{.budget = {.size_bytes = 16 * KiB}};
    CHECK(unpack_disk_here(as_bytes(raw), top / "disk", settings).error == "");
    CHECK(unpack_disk_here(as_bytes(raw + "x"), top / "disk", settings).error == text);
    CHECK_THAT(
        unpack_disk_here(as_bytes(tar_file("a", raw + "x") + tar_end()), top / "disk", settings)
            .error,
        contains(text));
    CHECK(std::filesystem::file_size(top / "disk") == 0);
    CHECK(unpack_disk_here(as_bytes(qcow2_data("right-v3")), top / "disk", settings).error == text);
    CHECK(std::filesystem::file_size(top / "disk") == 0);
}

TEST_CASE("A18: the limit on ratio counts data and not holes", "[pull][disk]") {
    const TempDir top;
    std::string disk(300 * MiB, '\0');
    CHECK(unpack_disk_here(as_bytes(disk), top / "disk", {.packed_bytes = 10}).error == "");
    std::fill(disk.begin(), disk.begin() + 100 * MiB, 'x');
    CHECK(unpack_disk_here(as_bytes(disk), top / "disk", {.packed_bytes = 1 * MiB}).error == "");
    const DiskOutcome outcome =
        unpack_disk_here(as_bytes(disk), top / "disk", {.piece = 1 * MiB, .packed_bytes = 1000});
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error, contains("1000B of input have become more than 65.0M of data, and "
                                       "the limit on ratio is 200"));
}

TEST_CASE("a copy is byte for byte, whatever it looks like, up to its limit", "[pull][disk]") {
    const TempDir top;
    for (const std::string& text :
         {std::string(), std::string("[Exec]\nBoot=yes\n"), qcow2_data("right-v3"),
          std::string(100'000, '\0'), std::string("\x1f\x8b gzip")}) {
        const Fd target = make_file(top / "copy");
        stream::MemorySource source(as_bytes(text), 1000);
        pull::Counters counters;
        const pull::UnpackedDisk copy =
            pull::copy_file(source, target.get(), text.size(), counters);
        CHECK(copy.format.empty());
        CHECK(copy.size_bytes == text.size());
        CHECK((read_file(top / "copy") == text));
    }
    const Fd target = make_file(top / "copy");
    stream::MemorySource source(as_bytes("123456"));
    pull::Counters counters;
    CHECK_THROWS_AS(pull::copy_file(source, target.get(), 5, counters), Error);
}
