// The confined program and the keeper's end of it.

#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "export/exporter.hh"
#include "tests/catch.hh"
#include "tests/export/tree_here.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"
#include "tests/support/rich_tree.hh"

using namespace slipway;
using namespace slipway::exports;
using namespace slipway::tests;

namespace {

Fd open_tree(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(fd);
    return fd;
}

// Its last answer, and the warnings before it.
struct End {
    ExportAnswer last;
    std::vector<std::string> warnings;
};

End run_to_end(Exporter& exporter) {
    End end;
    for (;;) {
        end.last = exporter.next({});
        if (const auto* warning = std::get_if<ExportWarning>(&end.last)) {
            end.warnings.push_back(warning->text);
        } else if (!std::holds_alternative<ExportProgress>(end.last)) {
            return end;
        }
    }
}

std::string failure(const ExportAnswer& answer, Kind kind) {
    const auto* failed = std::get_if<ExportFailure>(&answer);
    if (failed == nullptr) {
        return "it did not fail";
    }
    CHECK(failed->kind == kind);
    return failed->text;
}

} // namespace

TEST_CASE("the confined program writes what the room writes, and its digest",
          "[export][exporter]") {
    const TempDir directory;
    std::filesystem::create_directory(directory / "tree");
    make_rich_tree(directory / "tree");
    const Fd output = make_file(directory / "out.tar");
    ExportRequest request;
    request.algorithms = {stream::Algorithm::Sha256};
    Exporter exporter(request, open_tree(directory / "tree").get(), output.get());
    const End end = run_to_end(exporter);
    const auto* done = std::get_if<Exported>(&end.last);
    INFO(failure(end.last, Kind::Other));
    REQUIRE(done != nullptr);
    const std::string bytes = read_file(directory / "out.tar");
    CHECK(bytes == tar_of(directory / "tree").bytes);
    CHECK(done->written_bytes == bytes.size());
    CHECK(done->read_bytes == bytes.size());
    CHECK(done->digests.at(stream::Algorithm::Sha256) ==
          run_ok({"sha256sum", (directory / "out.tar").string()}).substr(0, 64));
}

TEST_CASE("a tree that only root may read is read with that right alone", "[export][exporter]") {
    const TempDir directory;
    std::filesystem::create_directories(directory / "tree/closed");
    write_file(directory / "tree/closed/file", "x");
    REQUIRE(::chown((directory / "tree/closed/file").c_str(), 1000, 1000) == 0);
    REQUIRE(::chown((directory / "tree/closed").c_str(), 1000, 1000) == 0);
    std::filesystem::permissions(directory / "tree/closed/file", std::filesystem::perms(0));
    std::filesystem::permissions(directory / "tree/closed", std::filesystem::perms(0));
    const Fd output = make_file(directory / "out.tar");
    Exporter exporter({}, open_tree(directory / "tree").get(), output.get());
    const End end = run_to_end(exporter);
    CHECK(std::holds_alternative<Exported>(end.last));
    CHECK(run_ok({"tar", "-xOf", (directory / "out.tar").string(), "./closed/file"}) == "x");
}

TEST_CASE("a full output is a failure of its kind", "[export][exporter]") {
    const TempDir directory;
    write_file(directory / "file", std::string(1 * MiB, 'x'));
    const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    for (const stream::Codec codec :
         {stream::Codec::Plain, stream::Codec::Gzip, stream::Codec::Xz, stream::Codec::Zstd,
          stream::Codec::Bzip2, stream::Codec::Lz4}) {
        ExportRequest request;
        request.codec = codec;
        Exporter exporter(request, open_tree(directory.path()).get(), full.get());
        CHECK(failure(run_to_end(exporter).last, Kind::NoSpace) ==
              "writing: cannot write to the output: No space left on device");
    }
}

TEST_CASE("a reader that went away is a failure in words", "[export][exporter]") {
    const TempDir directory;
    write_file(directory / "file", std::string(1 * MiB, 'x'));
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    Fd reading(ends[0]);
    const Fd writing(ends[1]);
    reading.reset();
    Exporter exporter({}, open_tree(directory.path()).get(), writing.get());
    CHECK(failure(run_to_end(exporter).last, Kind::Other) ==
          "writing: nobody reads the output any more");
}

TEST_CASE("the end of its socket ends the program, whatever its reader does",
          "[export][exporter]") {
    const TempDir directory;
    write_file(directory / "file", std::string(4 * MiB, 'x'));
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    {
        Exporter exporter({}, open_tree(directory.path()).get(), writing.get());
        writing.reset();
        char byte = 0;
        REQUIRE(::read(reading.get(), &byte, 1) == 1); // it is at work, and nobody reads on
    }
    std::string rest(64 * KiB, '\0');
    while (::read(reading.get(), rest.data(), rest.size()) > 0) {
    }
    SUCCEED("the pipe has come to its end");
}

TEST_CASE("a program that dies is told with how", "[export][exporter]") {
    const TempDir directory;
    write_file(directory / "file", std::string(4 * MiB, 'x'));
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd reading(ends[0]);
    const Fd writing(ends[1]);
    Exporter exporter({}, open_tree(directory.path()).get(), writing.get());
    char byte = 0;
    REQUIRE(::read(reading.get(), &byte, 1) == 1);
    REQUIRE(::kill(exporter.pid(), SIGKILL) == 0);
    CHECK_THROWS_WITH(run_to_end(exporter), contains("slipway-unpack was killed by signal 9"));
}

TEST_CASE("a disk is copied to a file with holes, to a pipe without", "[export][exporter]") {
    const TempDir directory;
    make_disk(directory / "disk", 9 * MiB, varied_stretches(9 * MiB));
    const Fd disk(::open((directory / "disk").c_str(), O_RDONLY | O_CLOEXEC));
    ExportRequest request;
    request.work = Work::Raw;
    request.algorithms = {stream::Algorithm::Sha256};
    const Fd output = make_file(directory / "copy");
    Exporter exporter(request, disk.get(), output.get());
    const End end = run_to_end(exporter);
    INFO(failure(end.last, Kind::Other));
    REQUIRE(std::holds_alternative<Exported>(end.last));
    CHECK(difference(directory / "disk", directory / "copy").empty());
    CHECK(allocated_map(directory / "copy") == allocated_map(directory / "disk"));
    CHECK(std::get<Exported>(end.last).digests.at(stream::Algorithm::Sha256) ==
          run_ok({"sha256sum", (directory / "disk").string()}).substr(0, 64));
}
