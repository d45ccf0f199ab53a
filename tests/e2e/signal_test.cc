// Jobs that are told to stop, whose readers leave, whose helpers misbehave: in every case an end
// that is said, and nothing left.

#include <array>
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/publisher.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

// A server that sends a part of an archive and then nothing.
struct Stalled {
    Stalled() {
        make_plain_tree(place.path(), 30);
        archive = pack(place.path(), ".gz");
        server.serve("/a.tar.gz", archive);
        server.on("/a.tar.gz", {stall_after(archive.size() / 2)});
    }
    TempDir place;
    std::string archive;
    HttpServer server;
};

// Sends `signal` to a job in the middle of its download and finishes it.
FinishedJob interrupt(const Scene& scene, const Stalled& stalled, Face face,
                      const std::function<void(RunningJob&)>& how) {
    RunningJob job(scene.pull(stalled.server.url("/a.tar.gz")), face);
    job.wait_for_bytes(1);
    const auto start = std::chrono::steady_clock::now();
    how(job);
    FinishedJob end = job.finish();
    CHECK(std::chrono::steady_clock::now() - start < 1s);
    return end;
}

// slipway-transfer with other programs beside it, so that it finds those.
class OtherPrograms {
public:
    explicit OtherPrograms(const std::string& replaced, const std::string& script) {
        for (const std::string name :
             {"slipway-transfer", "slipway-fetch", "slipway-unpack", "slipway-check"}) {
            if (name != replaced) {
                link_or_copy(program(name), place_ / name);
            }
        }
        write_file(place_ / replaced, "#!/bin/sh\n" + script);
        ::chmod((place_ / replaced).c_str(), 0755);
    }

    transfer::Ended run(const Request& request) const {
        return RunningJob(request, Face::Transfer, -1, place_.path()).finish().ended.value();
    }

private:
    static void link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
        std::error_code error;
        std::filesystem::create_hard_link(from, to, error);
        if (error) {
            std::filesystem::copy_file(from, to);
        }
    }

    TempDir place_;
};

} // namespace

TEST_CASE("K2: a signal ends the job with its status, clean, within a second", "[e2e][signal]") {
    const Scene scene;
    const Stalled stalled;
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    const Face face = GENERATE(Face::Slipway, Face::Transfer);
    CAPTURE(signal, face == Face::Slipway);
    const FinishedJob end =
        interrupt(scene, stalled, face, [signal](RunningJob& job) { job.kill(signal); });
    CHECK(end.status == 128 + signal);
    REQUIRE(end.ended.has_value());
    CHECK(end.ended->outcome == transfer::Outcome::Canceled);
    CHECK(end.text() ==
          "pulling '" + stalled.server.url("/a.tar.gz") + "': canceled; nothing was stored");
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("the end of the request cancels the job with status 9", "[e2e][signal]") {
    const Scene scene;
    const Stalled stalled;
    const FinishedJob end =
        interrupt(scene, stalled, Face::Transfer, [](RunningJob& job) { job.cancel(); });
    CHECK(end.status == 9);
    CHECK(end.ended->outcome == transfer::Outcome::Canceled);
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("K2: a job is canceled at once while it waits for the network", "[e2e][signal]") {
    const Scene scene;
    Publisher publisher;
    Request request = scene.pull(publisher.url("a.tar.gz"));
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    request.network.stall_timeout = 60s;
    request.network.retry = 60s;
    publisher.publish("a.tar.gz", "not looked at");
    std::string path;
    SECTION("for a document") {
        path = kSums;
        publisher.server.always(path, stall_in_header(5));
    }
    SECTION("for the image's first byte") {
        path = "/images/a.tar.gz";
        publisher.server.always(path, stall_in_header(5));
    }
    SECTION("for the next attempt") {
        path = "/images/a.tar.gz";
        publisher.server.always(path, answering(503));
    }
    RunningJob job(request);
    publisher.server.wait_for_requests(path, 1);
    const auto start = std::chrono::steady_clock::now();
    job.kill(SIGINT);
    const FinishedJob end = job.finish();
    CHECK(std::chrono::steady_clock::now() - start < 1s);
    CHECK(end.status == 130);
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("K2: a job that waits for standard input is canceled at once", "[e2e][signal]") {
    const Scene scene;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd out(ends[0]);
    const Fd in(ends[1]);
    RunningJob job(scene.import(""), Face::Slipway, out.get());
    job.wait_for_stage("unpack");
    job.kill(SIGTERM);
    CHECK(job.finish().status == 143);
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("K2: a job is canceled at once while its data is written to a slow disk",
          "[e2e][signal]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 512 * MiB);
    const Scene scene(fs);
    const TempDir files;
    std::filesystem::create_directory(files / "tree");
    make_plain_tree(files / "tree", 5);
    write_file(files / "a.tar", pack(files / "tree"));
    const Request request = scene.import(files / "a.tar");
    const std::string much(100'000'000, 'x'); // somebody else's, waiting to be written

    bool caught = false;
    for (int attempt = 0; attempt < 5 && !caught; ++attempt) {
        write_file(fs / "much", much);
        RunningJob job(request, Face::Transfer);
        job.wait_for_stage("sync");
        std::optional<pid_t> helper;
        while (!helper && !wait_for_end(job.pid(), 0ms)) {
            helper = job.find_child("slipway-transfer");
        }
        if (!helper || ::kill(*helper, SIGSTOP) < 0) {
            REQUIRE(job.finish().status == 0);
            REQUIRE(run_job(scene.remove("image")).status == 0);
            continue;
        }
        const auto start = std::chrono::steady_clock::now();
        job.cancel();
        const FinishedJob end = job.finish();
        caught = end.status == 9;
        if (caught) {
            CHECK(std::chrono::steady_clock::now() - start < 1s);
            CHECK(unexpected_entries(scene.pool, {}) == Lines{});
        }
        ::kill(*helper, SIGCONT);
        CHECK(wait_for_orphans() == Lines{});
        run_job(scene.remove("image"));
    }
    CHECK(caught);
}

TEST_CASE("K3: a second signal is harmless", "[e2e][signal]") {
    const Scene scene;
    const Stalled stalled;
    const Face face = GENERATE(Face::Slipway, Face::Transfer);
    const FinishedJob end = interrupt(scene, stalled, face, [](RunningJob& job) {
        job.kill(SIGTERM);
        job.kill(SIGTERM);
        job.kill(SIGINT);
    });
    CHECK((end.status == 143 || end.status == 130)); // of pending signals the lowest comes first
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("K3: a signal after the end changes nothing", "[e2e][signal]") {
    const Scene scene;
    Stalled stalled;
    stalled.server.release();
    RunningJob job(scene.pull(stalled.server.url("/a.tar.gz")), Face::Transfer);
    job.wait_for([](const transfer::Event& event) {
        return std::holds_alternative<transfer::Ended>(event);
    });
    job.kill(SIGTERM);
    const FinishedJob end = job.finish();
    CHECK(end.ended->outcome == transfer::Outcome::Done);
    CHECK(differences(stalled.place.path(), scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("K4: a reader that leaves does not disturb the keeper", "[e2e][signal]") {
    const Scene scene;
    Stalled stalled;
    RunningJob job(scene.pull(stalled.server.url("/a.tar.gz")), Face::Transfer);
    job.wait_for_bytes(1);
    job.leave();
    stalled.server.release();
    const FinishedJob end = job.finish();
    CHECK(end.status == 0);
    CHECK(differences(stalled.place.path(), scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("K4: slipway with its output closed, full or read by head ends cleanly",
          "[e2e][signal]") {
    const Scene scene;
    const TempDir place;
    make_plain_tree(place.path(), 300);
    const TempDir files;
    write_file(files / "a.tar.gz", pack(place.path(), ".gz"));
    const std::string where =
        GENERATE(">&-", ">/dev/full", "2>&-", ">/dev/full 2>&1", "| head -n 1", "2>&1 | true");
    CAPTURE(where);
    std::vector<std::string> words = command_line(scene.import(files / "a.tar.gz"));
    words.insert(words.begin() + 1, "--json=short");
    words.insert(words.begin(), {"sh", "-c", "\"$0\" \"$@\" " + where});
    const RunResult result = run(words);
    CHECK(result.status < 128);
    // Either the job went on, or it was canceled because nobody listened; nothing in between.
    if (std::filesystem::exists(scene.image())) {
        CHECK(differences(place.path(), scene.image()) == Lines{});
        CHECK(scene.leftovers({"image"}) == Lines{});
    } else {
        CHECK(scene.leftovers() == Lines{});
    }
}

TEST_CASE("K5: a program that ends without a word, or talks nonsense, fails the job by name",
          "[e2e][signal]") {
    const Scene scene;
    Stalled stalled;
    stalled.server.release();
    const Request request = scene.pull(stalled.server.url("/a.tar.gz"));
    SECTION("slipway-fetch exits") {
        const OtherPrograms programs("slipway-fetch", "echo 'gone' >&2; exit 3\n");
        const transfer::Ended end = programs.run(request);
        CHECK(end.status == 1);
        CHECK_THAT(end.text, contains("slipway-fetch exited with status 3 and said 'gone'"));
    }
    SECTION("slipway-fetch is killed") {
        const OtherPrograms programs("slipway-fetch", "kill -SEGV $$\n");
        CHECK_THAT(programs.run(request).text, contains("slipway-fetch was killed by signal 11"));
    }
    SECTION("slipway-fetch talks nonsense") {
        const OtherPrograms programs("slipway-fetch", "head -c 100 /dev/zero >&3; exec sleep 60\n");
        CHECK(programs.run(request).kind == "internal");
    }
    SECTION("slipway-unpack exits") {
        const OtherPrograms programs("slipway-unpack", "exit 0\n");
        CHECK_THAT(programs.run(request).text, contains("slipway-unpack exited with status 0"));
    }
    SECTION("slipway-unpack talks nonsense") {
        const OtherPrograms programs("slipway-unpack",
                                     "echo '{\"answer\":\"unp' >&3; exec sleep 60\n");
        CHECK(programs.run(request).kind == "internal");
    }
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("K5: what is no request is refused in one line", "[e2e][signal]") {
    const auto [input, part] = GENERATE(
        table<std::string, std::string>({{"", "ended before the request's newline"},
                                         {"{\"protocol\":1", "ended before the request's newline"},
                                         {"hello\n", "is not a JSON object"},
                                         {std::string(70'000, 'x'), "is longer than"}}));
    RunOptions options;
    options.input = input;
    const RunResult result = run({program("slipway-transfer")}, options);
    CHECK(result.status == 2);
    CHECK_THAT(result.out, contains(part));
    CHECK(result.err == "");
}

TEST_CASE("K7: too few file descriptors are refused by the limit's name", "[e2e][signal]") {
    const Scene scene;
    const Stalled stalled;
    RunOptions options;
    options.input = transfer::to_json(scene.pull(stalled.server.url("/a.tar.gz"))) + "\n";
    const RunResult result =
        run({"sh", "-c", "ulimit -n 20; exec \"$0\"", program("slipway-transfer")}, options);
    CHECK(result.status == 1);
    CHECK_THAT(result.out, contains("only 20 files may be open at once (RLIMIT_NOFILE)"));
    CHECK(stalled.server.requests().empty());
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("closed standard descriptors do not become files of the job", "[e2e][signal]") {
    const Scene scene;
    RunOptions options;
    const RunResult result =
        run({"sh", "-c", "exec \"$0\" <&- 2>&-", program("slipway-transfer")}, options);
    CHECK(result.status == 2);
    CHECK_THAT(result.out, contains("ended before the request's newline"));
}
