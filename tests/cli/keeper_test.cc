// slipway with its real keeper: what a person types, sees, and finds in the pool.

#include <algorithm>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/cli/stand_in.hh"
#include "tests/support/http_server.hh"
#include "tests/support/temp_pool.hh"

using namespace slipway;
using namespace slipway::tests;
using Words = std::vector<std::string>;

namespace {

// A pool, an archive of a small tree, and the program.
struct House {
    House() {
        std::filesystem::create_directories(files / "tree/etc");
        write_file(files / "tree/etc/os-release", "ID=test\n");
        run_ok({"tar", "-C", (files / "tree").string(), "-cf", archive(), "."});
    }
    std::string archive() const { return (files / "web.tar").string(); }
    Words command(const Words& words) const {
        Words all{program("slipway").string(), "--pool", pool.path().string()};
        all.insert(all.end(), words.begin(), words.end());
        return all;
    }
    RunResult slipway(const Words& words, const RunOptions& options = {}) const {
        return run(command(words), options);
    }

    TempPool pool;
    TempDir files;
};

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        read = Fd(ends[0]);
        write = Fd(ends[1]);
    }
    Fd read;
    Fd write;
};

long lines_of(const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
}

} // namespace

TEST_CASE("an image is imported, listed and removed", "[cli][keeper]") {
    const House house;
    const RunResult imported = house.slipway({"import-tar", house.archive()});
    CHECK(imported.status == 0);
    CHECK(imported.err == "Importing '" + house.archive() +
                              "', saving as 'web'.\n"
                              "not verified, as --verify=no asks\n"
                              "Created new local image 'web'.\n"
                              "Operation completed successfully.\n");
    CHECK(read_file(house.pool / "web/etc/os-release") == "ID=test\n");
    CHECK_THAT(house.slipway({"list-images"}).out,
               contains("\nweb  ") && contains("\n1 images listed.\n"));
    const RunResult removed = house.slipway({"remove", "web"});
    CHECK(removed.status == 0);
    CHECK(removed.err.empty());
    CHECK(house.pool.entries().empty());
    CHECK(house.slipway({"list-images"}).out == "No images.\n");
}

TEST_CASE("relative files, pools and options behind operands are understood", "[cli][keeper]") {
    const House house;
    RunOptions there;
    there.directory = house.files.path();
    const Words command{program("slipway").string(),
                        "import-tar",
                        "web.tar",
                        "noble.tar.xz",
                        "--pool",
                        "pool",
                        "-q"};
    const RunResult result = run(command, there);
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    CHECK(std::filesystem::exists(house.files / "pool/noble/etc/os-release"));
}

TEST_CASE("an archive comes through a pipe, under the name that was given", "[cli][keeper]") {
    const House house;
    RunOptions piped;
    piped.input = read_file(house.archive());
    const RunResult result = house.slipway({"import-tar", "-", "piped"}, piped);
    CHECK(result.status == 0);
    CHECK_THAT(result.err,
               Catch::Matchers::StartsWith("Importing standard input, saving as 'piped'.\n"));
    CHECK(std::filesystem::exists(house.pool / "piped/etc/os-release"));
}

TEST_CASE("a tree is pulled, and --json tells how", "[cli][keeper]") {
    const House house;
    HttpServer server;
    server.serve("/web.tar", read_file(house.archive()));
    const RunResult result =
        house.slipway({"pull-tar", server.url("/web.tar"), "--verify=no", "--json"});
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, contains(R"("event":"start")") && contains(R"("stage":"download")") &&
                               contains(R"("outcome":"done")"));
    CHECK(std::filesystem::exists(house.pool / "web/etc/os-release"));
}

TEST_CASE("bad input is one line, its status, and nothing in the pool", "[cli][keeper]") {
    const House house;
    HttpServer server;
    write_file(house.files / "text.tar", "This is no archive.\n");
    const std::string url = server.url("/web.tar");
    struct Case {
        Words words;
        int status;
        std::string says;
    };
    const std::vector<Case> cases{
        {{"pull-tar", "ftp://h/web.tar"}, 2, "'ftp://h/web.tar' is not supported"},
        {{"pull-tar", "web.tar"}, 2, "'web.tar' is not supported"},
        {{"pull-tar", url, ".."}, 2, "'..'"},
        {{"pull-tar", url, "a/b"}, 2, "'a/b'"},
        {{"pull-tar", url, "--verify=no"}, 3, "404"},
        {{"pull-tar", "http://127.0.0.1:1/x.tar", "--verify=no", "--retries=0"}, 8, "127.0.0.1"},
        {{"import-tar", "/nonexistent.tar"}, 3, "'/nonexistent.tar'"},
        {{"import-tar", (house.files / "tree").string()}, 1, "is a directory"},
        {{"import-tar", house.archive(), "--verify=signature"}, 2, "nothing lies beside an input"},
        {{"import-tar", house.archive(), "--verify=" + std::string(64, '0')}, 12, "SHA-256"},
        {{"import-tar", (house.files / "text.tar").string()}, 1, "text.tar'"},
        {{"remove", "nix"}, 3, "'nix'"},
        {{"remove", "a/b"}, 2, "'a/b'"},
    };
    for (const Case& one : cases) {
        const RunResult result = house.slipway(one.words, {});
        INFO(one.words.at(1) << ": " << result.err);
        CHECK(result.status == one.status);
        CHECK(result.out.empty());
        const std::size_t line = result.err.find("slipway: ");
        REQUIRE(line != std::string::npos);
        CHECK_THAT(result.err.substr(line), contains(one.says));
        CHECK(lines_of(result.err.substr(line)) == 1);
        CHECK(house.pool.entries().empty());
    }
}

TEST_CASE("P7: a name that is taken is refused, and says --force", "[cli][keeper]") {
    const House house;
    REQUIRE(house.slipway({"import-tar", house.archive()}).status == 0);
    write_file(house.pool / "web/kept", "");
    const RunResult refused = house.slipway({"import-tar", house.archive(), "-q"});
    CHECK(refused.status == 4);
    CHECK_THAT(refused.err, contains("'web' exists") && contains("--force"));
    CHECK(lines_of(refused.err) == 1);
    CHECK(std::filesystem::exists(house.pool / "web/kept"));
    CHECK(house.slipway({"import-tar", house.archive(), "--force"}).status == 0);
    CHECK_FALSE(std::filesystem::exists(house.pool / "web/kept"));
}

TEST_CASE("K2: a signal in the middle of an import leaves nothing, within a second",
          "[cli][keeper]") {
    const House house;
    const std::string archive = read_file(house.archive());
    for (const auto& [signal, status] :
         {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}, std::pair{SIGHUP, 129}}) {
        Pipe pipe;
        Running slipway(house.command({"import-tar", "-", "web"}), pipe.read.get());
        REQUIRE(::write(pipe.write.get(), archive.data(), 2000) == 2000);
        slipway.wait_for_error("Importing");
        const auto start = std::chrono::steady_clock::now();
        slipway.kill(signal);
        CHECK(slipway.wait() == status);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
        CHECK_THAT(slipway.err(), contains("slipway: ") && contains("canceled"));
        CHECK(house.pool.entries().empty());
    }
}

TEST_CASE("K2: a signal in the middle of a pull leaves nothing, within a second", "[cli][keeper]") {
    const House house;
    HttpServer server;
    server.serve("/web.tar", read_file(house.archive()));
    server.always("/web.tar", stall_after(2000));
    Running slipway(house.command({"pull-tar", server.url("/web.tar"), "--verify=no"}));
    server.wait_for_requests("/web.tar", 1);
    const auto start = std::chrono::steady_clock::now();
    slipway.kill(SIGINT);
    CHECK(slipway.wait() == 130);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
    CHECK(house.pool.entries().empty());
}

TEST_CASE("K7: too few descriptors are refused, and the limit is named", "[cli][keeper]") {
    const House house;
    // Without descriptors UBSan cannot look at memory and takes each exception for a foreign
    // object: that must not end it, and only what slipway itself says is judged.
    Words words{"/bin/sh", "-c", "ulimit -n 5; export UBSAN_OPTIONS=halt_on_error=0; exec \"$@\"",
                "sh"};
    for (const std::string& word : house.command({"import-tar", house.archive()})) {
        words.push_back(word);
    }
    const RunResult result = run(words);
    CHECK(result.status == 1);
    const std::size_t said = result.err.find("slipway: ");
    REQUIRE(said != std::string::npos);
    CHECK_THAT(result.err.substr(said), contains("ulimit -n"));
    CHECK(lines_of(result.err.substr(said)) == 1);
    CHECK(house.pool.entries().empty());
}
