// `slipway-unpack disk` as the keeper drives it: the real program with its fences, packed input,
// real pipes, real disks.

#include <sstream>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "pull/unpacker.hh"
#include "tests/catch.hh"
#include "tests/pull/disk_here.hh"
#include "tests/pull/tar_maker.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Words = std::vector<std::string>;

struct Codec {
    std::string name;
    std::string command; ///< packs FILE to standard output
};

const std::vector<Codec> kCodecs{{"plain", "cat"},       {"gzip", "gzip -1c"},
                                 {"xz", "xz -0c"},       {"zstd", "zstd -qc --check"},
                                 {"bzip2", "bzip2 -1c"}, {"lz4", "lz4 -qc"}};

void pack(const Codec& codec, const std::filesystem::path& from, const std::filesystem::path& to) {
    run_ok({"sh", "-c", codec.command + " \"$0\" > \"$1\"", from, to});
}

std::string sha256(const std::filesystem::path& path) {
    return run_ok({"sha256sum", "-b", path}).substr(0, 64);
}

// A disk with a partition table and a file system of 40 MiB with files in it.
void make_real_disk(const std::filesystem::path& path, const std::filesystem::path& files) {
    constexpr std::uint64_t kStart = 1 * MiB;
    make_disk(path, 48 * MiB, {});
    RunOptions table;
    table.input = "label: gpt\nstart=2048, size=81920, type=linux\n";
    run_ok({"sfdisk", "-q", path}, table);
    run_ok({"mkfs.ext4", "-q", "-F", "-d", files, "-E", "offset=" + std::to_string(kStart), path,
            "40960k"});
}

// Checks the file system in the disk.
void check_file_system(const std::filesystem::path& disk) {
    const std::filesystem::path part = disk.parent_path() / "part";
    run_ok({"dd", "if=" + disk.string(), "of=" + part.string(), "bs=1M", "skip=1", "count=40",
            "conv=sparse", "status=none"});
    const RunResult result = run({"fsck.ext4", "-f", "-n", part});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
}

// The value of a line of /proc/PID/status.
std::string status_of(pid_t pid, const std::string& name) {
    std::istringstream lines(read_file("/proc/" + std::to_string(pid) + "/status"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + ":\t")) {
            return line.substr(name.size() + 2);
        }
    }
    return "";
}

// A program at work whose input never ends.
struct Waiting {
    TempDir top;
    Fd in;
    Fd out;
    Fd target = make_file(top / "disk");
    Fd scratch = make_nameless(top.path());
    std::optional<pull::Unpacker> unpacker;

    Waiting() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        in.reset(ends[0]);
        out.reset(ends[1]);
        unpacker.emplace(pull::UnpackRequest{.work = pull::Work::Disk, .name = "the input"},
                         target.get(), in.get(), scratch.get());
        in.reset();
        REQUIRE(std::holds_alternative<pull::UnpackProgress>(unpacker->next({})));
    }
};

} // namespace

TEST_CASE("a real disk comes through the confined program as it was, in every codec, from a pipe",
          "[pull][disk][program]") {
    const TempDir top;
    const std::filesystem::path files = top / "files";
    std::filesystem::create_directories(files / "etc");
    write_file(files / "etc/hostname", "box\n");
    write_file(files / "data", content_of({0, 3 * MiB, Fill::Half}));
    make_real_disk(top / "source.raw", files);
    const std::uint64_t allocated = allocated_bytes(top / "source.raw");
    for (const Codec& codec : kCodecs) {
        INFO(codec.name);
        pack(codec, top / "source.raw", top / "packed");
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        Fd in(ends[0]);
        std::thread writer([&top, out = ends[1]] {
            const std::string packed = read_file(top / "packed");
            std::size_t done = 0;
            while (done < packed.size()) {
                const ssize_t wrote = ::write(out, packed.data() + done, packed.size() - done);
                if (wrote <= 0) {
                    break;
                }
                done += static_cast<std::size_t>(wrote);
            }
            ::close(out);
        });
        const DiskOutcome outcome = unpack_disk_by_program(in.get(), top / "made.raw");
        in.reset();
        writer.join();
        CHECK(outcome.error == "");
        CHECK(outcome.warnings == Words{});
        REQUIRE(outcome.disk);
        CHECK(outcome.disk->format == "raw");
        CHECK(outcome.disk->size_bytes == 48 * MiB);
        CHECK(outcome.codec == codec.name);
        CHECK(outcome.packed_bytes == std::filesystem::file_size(top / "packed"));
        CHECK(outcome.digests.at(stream::Algorithm::Sha256) == sha256(top / "packed"));
        CHECK(difference(top / "source.raw", top / "made.raw") == "");
        CHECK(allocated_bytes(top / "made.raw") <= allocated + allocated / 100);
        check_file_system(top / "made.raw");
    }
}

TEST_CASE("Q4: qcow2 in any codec, and a disk in a tar, come through the confined program",
          "[pull][disk][program]") {
    const TempDir top;
    make_disk(top / "source.raw", 24 * MiB, varied_stretches(24 * MiB));
    run_ok({"qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "compression_type=zstd",
            top / "source.raw", top / "disk.img"});
    run_ok({"tar", "-C", top.path(), "-cf", top / "disk.tar", "disk.img"});
    for (const Codec& codec : kCodecs) {
        for (const char* name : {"disk.img", "disk.tar"}) {
            INFO(codec.name << ", " << name);
            pack(codec, top / name, top / "packed.raw");
            const DiskOutcome outcome = unpack_disk_by_program(top / "packed.raw", top / "made");
            CHECK(outcome.error == "");
            REQUIRE(outcome.disk);
            CHECK(outcome.disk->format == "qcow2");
            CHECK(outcome.codec == codec.name);
            CHECK(difference(top / "source.raw", top / "made") == "");
            CHECK(allocated_map(top / "made") == data_map(top / "source.raw"));
        }
    }
}

TEST_CASE("a qcow2 image out of order comes through by the scratch file, said once",
          "[pull][disk][program]") {
    const TempDir top;
    make_disk(top / "source.raw", 40 * MiB, {{8 * MiB, 20 * MiB, Fill::Half}});
    run_ok({"qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", "-o", "cluster_size=4k",
            top / "source.raw", top / "image"});
    run_ok({"qemu-img", "resize", "-f", "qcow2", top / "image", "4G"});
    const DiskOutcome outcome = unpack_disk_by_program(top / "image", top / "made");
    CHECK(outcome.error == "");
    REQUIRE(outcome.warnings.size() == 1);
    CHECK_THAT(outcome.warnings.front(), contains("through a hidden scratch file"));
    run_ok({"truncate", "-s", "4G", top / "source.raw"});
    CHECK(difference(top / "source.raw", top / "made") == "");

    const DiskOutcome without = unpack_disk_by_program(top / "image", top / "made", {}, false);
    CHECK_FALSE(without.disk);
    CHECK(without.kind == Kind::Unsupported);
}

TEST_CASE(
    "Q6: 1 TiB of disk with 10 MiB of data comes in and takes 10 MiB, within the usual budget",
    "[pull][disk][program]") {
    const TempDir top;
    const std::uint64_t size = std::uint64_t{1} << 40;
    std::vector<Stretch> stretches;
    for (unsigned i = 0; i < 10; ++i) {
        stretches.push_back({i * (size / 16), 1 * MiB});
    }
    make_disk(top / "disk.raw", size, stretches);
    const bool wrapped = GENERATE(false, true);
    if (wrapped) {
        run_ok({"sh", "-c", "tar -S -C \"$0\" -c disk.raw | zstd -q -o \"$0/packed\"", top.path()});
    } else {
        run_ok(
            {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", top / "disk.raw", top / "packed"});
    }
    const DiskOutcome outcome = unpack_disk_by_program(top / "packed", top / "made");
    CHECK(outcome.error == "");
    REQUIRE(outcome.disk);
    CHECK(outcome.disk->size_bytes == size);
    CHECK(outcome.disk->data_bytes == 10 * MiB);
    CHECK(difference(top / "disk.raw", top / "made") == "");
    CHECK(allocated_bytes(top / "made") <= 10 * MiB + 512 * KiB);
}

TEST_CASE("Q6: many zeros in few bytes are no bomb", "[pull][disk][program]") {
    const TempDir top;
    make_disk(top / "disk.raw", 2 * GiB, {{0, 512}});
    pack(kCodecs[3], top / "disk.raw", top / "packed");
    const DiskOutcome outcome = unpack_disk_by_program(top / "packed", top / "made");
    CHECK(outcome.error == "");
    CHECK(difference(top / "disk.raw", top / "made") == "");
    CHECK(outcome.packed_bytes < outcome.disk.value().size_bytes / 1000);
}

TEST_CASE("A1, A2: a packed disk that is cut or damaged is refused: stage and offset",
          "[pull][disk][program][hostile]") {
    const TempDir top;
    make_disk(top / "disk.raw", 3 * MiB, {{0, 40'000, Fill::Half}, {2 * MiB, 40'000}});
    for (const Codec& codec : kCodecs) {
        if (codec.name == "plain") {
            continue; // S8: nobody can tell
        }
        pack(codec, top / "disk.raw", top / "packed");
        const std::string packed = read_file(top / "packed");
        for (const std::size_t cut : {packed.size() / 2, packed.size() - 1}) {
            INFO(codec.name << " cut at " << cut << " of " << packed.size());
            write_file(top / "packed", packed.substr(0, cut));
            const DiskOutcome outcome = unpack_disk_by_program(top / "packed", top / "made");
            CHECK_FALSE(outcome.disk);
            CHECK(outcome.kind == Kind::Corrupt);
            CHECK_THAT(outcome.error, contains("decompressing: " + codec.name));
        }
        INFO(codec.name << " damaged");
        std::string damaged = packed;
        damaged[packed.size() / 2] ^= 0x55;
        write_file(top / "packed", damaged);
        CHECK_FALSE(unpack_disk_by_program(top / "packed", top / "made").disk);
    }
}

TEST_CASE("A3, A5: members make one disk, and what lies behind the end is no part of it",
          "[pull][disk][program]") {
    const TempDir top;
    const std::string disk = content_of({0, 100'000, Fill::Half});
    std::string packed;
    for (const std::string& part : {disk.substr(0, 30'000), disk.substr(30'000)}) {
        write_file(top / "part", part);
        pack(kCodecs[1], top / "part", top / "packed");
        packed += read_file(top / "packed");
    }
    write_file(top / "packed", packed + "garbage");
    const DiskOutcome outcome = unpack_disk_by_program(top / "packed", top / "made");
    CHECK(outcome.error == "");
    REQUIRE(outcome.warnings.size() == 1);
    CHECK_THAT(outcome.warnings.front(), contains("behind the end of the gzip stream"));
    CHECK((read_file(top / "made") == disk));
    CHECK(outcome.digests.at(stream::Algorithm::Sha256) == sha256(top / "packed"));
}

TEST_CASE("a copy is not decoded, has its digests, and is stopped at its limit",
          "[pull][disk][program]") {
    const TempDir top;
    write_file(top / "file", "[Exec]\nBoot=yes\n");
    pack(kCodecs[1], top / "file", top / "packed");
    const std::uint64_t size = std::filesystem::file_size(top / "packed");
    const DiskOutcome outcome = unpack_disk_by_program(
        top / "packed", top / "made", {.work = pull::Work::Copy, .budget = {.size_bytes = size}});
    CHECK(outcome.error == "");
    REQUIRE(outcome.disk);
    CHECK(outcome.disk->format.empty());
    CHECK(outcome.disk->size_bytes == size);
    CHECK(outcome.packed_bytes == size);
    CHECK((read_file(top / "made") == read_file(top / "packed")));
    CHECK(outcome.digests.at(stream::Algorithm::Sha256) == sha256(top / "packed"));

    const DiskOutcome more =
        unpack_disk_by_program(top / "packed", top / "made",
                               {.work = pull::Work::Copy, .budget = {.size_bytes = size - 1}});
    CHECK(more.kind == Kind::Limit);
    CHECK_THAT(more.error, contains("copying: more than"));
    CHECK(unpack_disk_by_program("/dev/null", top / "made", {.work = pull::Work::Copy})
              .disk.value()
              .size_bytes == 0);
}

TEST_CASE("Q2: a backing file that exists is not opened", "[pull][disk][program][hostile]") {
    const TempDir top;
    make_disk(top / "base.raw", 1 * MiB, {{0, 1 * MiB, Fill::Ones}});
    run_ok({"qemu-img", "create", "-q", "-f", "qcow2", "-b", top / "base.raw", "-F", "raw",
            top / "image"});
    const DiskOutcome outcome = unpack_disk_by_program(top / "image", top / "made");
    CHECK_FALSE(outcome.disk);
    CHECK(outcome.kind == Kind::Unsupported);
    CHECK_THAT(outcome.error, contains("unpacking: the qcow2 image is only the difference to "
                                       "another file, '" +
                                       (top / "base.raw").string() + "',"));
    CHECK(std::filesystem::file_size(top / "made") == 0);
}

TEST_CASE("P1: a full volume under a disk is said, with the offset", "[pull][disk][program][fs]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const TempDir top;
    const MountedFs small("tmpfs", "size=4m");
    make_disk(top / "disk.raw", 9 * MiB, {{1 * MiB, 8 * MiB}});
    const DiskOutcome outcome = unpack_disk_by_program(top / "disk.raw", small.path() / "made");
    CHECK_FALSE(outcome.disk);
    CHECK(outcome.kind == Kind::NoSpace);
    CHECK_THAT(outcome.error, contains("unpacking: cannot write the disk at byte "));
    CHECK_THAT(outcome.error, contains("No space left on device"));
}

TEST_CASE("the program that unpacks a disk has nothing but its descriptors",
          "[pull][disk][program]") {
    const Waiting waiting;
    const pid_t pid = waiting.unpacker->pid();
    const std::string proc = "/proc/" + std::to_string(pid);
    Words fds;
    for (const auto& entry : std::filesystem::directory_iterator(proc + "/fd")) {
        const std::string to = std::filesystem::read_symlink(entry.path());
        const bool known = to == "/dev/null" || to.starts_with("socket:") ||
                           to.starts_with("pipe:") || to.starts_with("anon_inode:") ||
                           to.starts_with("/memfd:") || to.starts_with(waiting.top.path().string());
        if (!known) {
            fds.push_back(to);
        }
    }
    CHECK(fds == Words{});
    CHECK(status_of(pid, "NoNewPrivs") == "1");
    CHECK(status_of(pid, "Seccomp") == "2");
    if (::geteuid() != 0) {
        SKIP("needs root: the rest of the fences");
    }
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
        INFO(set);
        CHECK(status_of(pid, set) == "0000000000000000");
    }
    for (const char* space : {"mnt", "net", "ipc", "uts"}) {
        INFO(space);
        CHECK(std::filesystem::read_symlink(proc + "/ns/" + space) !=
              std::filesystem::read_symlink(std::string("/proc/self/ns/") + space));
    }
    CHECK(std::filesystem::is_empty(proc + "/root/"));
    CHECK_THROWS(write_file(proc + "/root/file", "x"));
}
