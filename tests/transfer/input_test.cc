// What an archive can be read from, and what is refused.

#include <array>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "transfer/input.hh"

using namespace slipway;
using namespace slipway::transfer;
using slipway::tests::TempDir;
using slipway::tests::write_file;

namespace {

Fd open_as(const std::filesystem::path& path, int flags) {
    return Fd(::open(path.c_str(), flags | O_CLOEXEC));
}

} // namespace

TEST_CASE("a regular file is opened with its size", "[transfer][input]") {
    const TempDir place;
    write_file(place / "file", "0123456789");
    CHECK(open_input(place / "file", {}).size_bytes == 10);
    const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, timespec{1'234'567'890, 987'654}};
    REQUIRE(::utimensat(AT_FDCWD, (place / "file").c_str(), times.data(), 0) == 0);
    CHECK(open_input(place / "file", {}).modified ==
          ModificationTime(std::chrono::nanoseconds(1'234'567'890'000'987'654)));

    Fd standing = open_as(place / "file", O_RDONLY);
    REQUIRE(::lseek(standing.get(), 4, SEEK_SET) == 4);
    const Input rest = adopt_input(std::move(standing));
    CHECK(rest.size_bytes == 6);
    char byte = 0;
    CHECK(::read(rest.fd.get(), &byte, 1) == 1);
    CHECK(byte == '4');
}

TEST_CASE("pipes and sockets have no size", "[transfer][input]") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd write(ends[1]);
    const Input pipe = adopt_input(Fd(ends[0]));
    CHECK_FALSE(pipe.size_bytes.has_value());
    CHECK_FALSE(pipe.modified.has_value());
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Fd other(ends[1]);
    CHECK_FALSE(adopt_input(Fd(ends[0])).size_bytes.has_value());
}

TEST_CASE("waiting for a fifo's writer can be canceled", "[transfer][input]") {
    const TempDir place;
    REQUIRE(::mkfifo((place / "fifo").c_str(), 0600) == 0);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(open_input(place / "fifo", stop.get_token()), Canceled);
}

TEST_CASE("what cannot be read as an archive is refused as what it is", "[transfer][input]") {
    const TempDir place;
    write_file(place / "file", "");
    CHECK_THROWS_WITH(open_input(place.path(), {}), contains("is a directory, not a file"));
    CHECK_THROWS_WITH(open_input("/dev/null", {}), contains("'/dev/null' is a device"));
    CHECK_THROWS_WITH(open_input(place / "none", {}), contains("No such file or directory"));
    CHECK_THROWS_WITH(adopt_input(Fd()), contains("expected an open file as descriptor 3"));
    const std::string what = "the descriptor that was passed is not open for reading";
    CHECK_THROWS_WITH(adopt_input(open_as(place / "file", O_WRONLY)), what);
    CHECK_THROWS_WITH(adopt_input(open_as(place / "file", O_PATH)), what);
    CHECK_THROWS_WITH(adopt_input(open_as(place.path(), O_RDONLY)), contains("is a directory"));
}

TEST_CASE("documents beside a file: 404 where there is none", "[transfer][input]") {
    const TempDir place;
    write_file(place / "SHA256SUMS", "0123456789");
    CHECK(read_document(place / "SHA256SUMS", 10).status == 200);
    CHECK(read_document(place / "SHA256SUMS", 10).content == "0123456789");
    CHECK(read_document(place / "SHA256SUMS", 9).too_large);
    CHECK(read_document(place / "none", 10).status == 404);
    CHECK(read_document(place / "SHA256SUMS/none", 10).status == 404);
    CHECK(read_document(place.path(), 10).status == 404);
    CHECK(read_document("/dev/zero", 10).status == 404);
    CHECK(read_document(place / std::string(300, 'x'), 10).status == 404);
}
