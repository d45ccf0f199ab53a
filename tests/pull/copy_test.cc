// The packed bytes on a second pipe, and input that is only digested: the real program.

#include <chrono>
#include <future>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "pull/unpacker.hh"
#include "tests/catch.hh"
#include "tests/pull/disk_here.hh"
#include "tests/pull/tar_maker.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
    Fd out;
    Fd in;
    Pipe() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        out.reset(ends[0]);
        in.reset(ends[1]);
    }
};

std::string read_all(int fd) {
    std::string all;
    std::string piece(1 << 16, '\0');
    for (ssize_t got = 0; (got = ::read(fd, piece.data(), piece.size())) > 0;) {
        all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
}

// What the program works on, whatever the work is.
struct Place {
    TempDir top;
    Fd tree;
    Fd file = make_file(top / "file");

    Place() {
        std::filesystem::create_directory(top / "tree");
        tree.reset(::open((top / "tree").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }

    int target(pull::Work work) const {
        switch (work) {
        case pull::Work::Tree:
            return tree.get();
        case pull::Work::Digest:
            return -1;
        default:
            return file.get();
        }
    }
};

pull::UnpackRequest request_for(pull::Work work) {
    return {.work = work,
            .algorithms = {stream::Algorithm::Sha256},
            .name = "the input",
            .to_the_end = true};
}

pull::UnpackAnswer last_answer(pull::Unpacker& unpacker) {
    for (;;) {
        pull::UnpackAnswer answer = unpacker.next({});
        if (std::holds_alternative<pull::UnpackDone>(answer) ||
            std::holds_alternative<pull::UnpackFailure>(answer)) {
            return answer;
        }
    }
}

// Larger than every pipe on the way, with bytes behind the archive's end.
std::string packed_input(const TempDir& top) {
    std::string tar;
    for (int i = 0; i < 30; ++i) {
        tar += tar_file("f" + std::to_string(i), content_of({0, 100'000, Fill::Noise}));
    }
    tar += tar_end();
    write_file(top / "input.tar", tar);
    run_ok({"gzip", "-1", top / "input.tar"});
    return read_file(top / "input.tar.gz") + std::string(5000, '\0');
}

std::string sha256(const std::filesystem::path& path) {
    return run_ok({"sha256sum", "-b", path}).substr(0, 64);
}

} // namespace

TEST_CASE("whatever the work, the copy holds the input from its first byte to its end",
          "[pull][program][copy]") {
    const pull::Work work =
        GENERATE(pull::Work::Tree, pull::Work::Disk, pull::Work::Copy, pull::Work::Digest);
    Place place;
    std::string content = packed_input(place.top);
    if (work == pull::Work::Disk) {
        content = content_of({0, 4 * MiB, Fill::Noise});
    }
    write_file(place.top / "input", content);
    const Fd input(::open((place.top / "input").c_str(), O_RDONLY | O_CLOEXEC));
    Pipe copy;
    pull::Unpacker unpacker(request_for(work), place.target(work), input.get(), -1, copy.in.get());
    copy.in.reset();
    auto reading = std::async(std::launch::async, [&copy] { return read_all(copy.out.get()); });
    const pull::UnpackAnswer answer = last_answer(unpacker);
    REQUIRE(std::holds_alternative<pull::UnpackDone>(answer));
    const auto& done = std::get<pull::UnpackDone>(answer);
    CHECK(done.digests.at(stream::Algorithm::Sha256) == sha256(place.top / "input"));
    CHECK(done.packed_bytes == content.size());
    CHECK((reading.get() == content));
}

TEST_CASE("a reader of the copy that goes away disturbs nothing", "[pull][program][copy]") {
    Place place;
    const std::string content = packed_input(place.top);
    write_file(place.top / "input", content);
    const Fd input(::open((place.top / "input").c_str(), O_RDONLY | O_CLOEXEC));
    Pipe copy;
    const bool at_once = GENERATE(true, false);
    if (at_once) {
        copy.out.reset();
    }
    pull::Unpacker unpacker(request_for(pull::Work::Tree), place.tree.get(), input.get(), -1,
                            copy.in.get());
    copy.in.reset();
    if (!at_once) {
        char byte = 0;
        CHECK(::read(copy.out.get(), &byte, 1) == 1);
        copy.out.reset();
    }
    const pull::UnpackAnswer answer = last_answer(unpacker);
    REQUIRE(std::holds_alternative<pull::UnpackDone>(answer));
    CHECK(std::get<pull::UnpackDone>(answer).packed_bytes == content.size());
}

TEST_CASE("damaged input is copied to its end", "[pull][program][copy]") {
    Place place;
    std::string content = packed_input(place.top);
    std::fill(content.begin() + 100, content.begin() + 200, 'x');
    write_file(place.top / "input", content);
    const Fd input(::open((place.top / "input").c_str(), O_RDONLY | O_CLOEXEC));
    Pipe copy;
    pull::Unpacker unpacker(request_for(pull::Work::Tree), place.tree.get(), input.get(), -1,
                            copy.in.get());
    copy.in.reset();
    auto reading = std::async(std::launch::async, [&copy] { return read_all(copy.out.get()); });
    const pull::UnpackAnswer answer = last_answer(unpacker);
    REQUIRE(std::holds_alternative<pull::UnpackFailure>(answer));
    CHECK(std::get<pull::UnpackFailure>(answer).digests.at(stream::Algorithm::Sha256) ==
          sha256(place.top / "input"));
    CHECK((reading.get() == content));
}

TEST_CASE("the program ends with its keeper while the reader of the copy stalls",
          "[pull][program][copy]") {
    Place place;
    write_file(place.top / "input", packed_input(place.top));
    const Fd input(::open((place.top / "input").c_str(), O_RDONLY | O_CLOEXEC));
    Pipe copy;
    std::optional<pull::Unpacker> unpacker;
    unpacker.emplace(request_for(pull::Work::Tree), place.tree.get(), input.get(), -1,
                     copy.in.get());
    copy.in.reset();
    char byte = 0; // it is at work
    CHECK(::read(copy.out.get(), &byte, 1) == 1);
    const auto before = Clock::now();
    unpacker.reset();
    read_all(copy.out.get()); // to the end: nobody holds the other one any more
    CHECK(Clock::now() - before < 2s);
}

TEST_CASE("what is only digested needs no target and leaves nothing", "[pull][program][copy]") {
    Place place;
    write_file(place.top / "input", "not an image at all");
    const Fd input(::open((place.top / "input").c_str(), O_RDONLY | O_CLOEXEC));
    pull::Unpacker unpacker(request_for(pull::Work::Digest), -1, input.get());
    const pull::UnpackAnswer answer = last_answer(unpacker);
    REQUIRE(std::holds_alternative<pull::UnpackDone>(answer));
    const auto& done = std::get<pull::UnpackDone>(answer);
    CHECK(done.digests.at(stream::Algorithm::Sha256) == sha256(place.top / "input"));
    CHECK(std::get<pull::UnpackedDisk>(done.what).size_bytes == 19);
    CHECK(std::get<pull::UnpackedDisk>(done.what).format.empty());
    CHECK(std::filesystem::is_empty(place.top / "tree"));
    CHECK(std::filesystem::file_size(place.top / "file") == 0);
}
