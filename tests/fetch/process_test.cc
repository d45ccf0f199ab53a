// slipway-fetch as a process: what it may, how it ends, how it is stopped. Faults K1, K5, N13.

#include <array>
#include <csignal>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/message.hh"
#include "base/wait.hh"
#include "fetch/confinement.hh"
#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/http_server.hh"
#include "tests/support/loopback.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

std::string proc(pid_t pid, const std::string& file) {
    return read_file("/proc/" + std::to_string(pid) + "/" + file);
}

// The value of a line of /proc/PID/status.
std::string status_of(pid_t pid, const std::string& name) {
    std::istringstream lines(proc(pid, "status"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + ":\t")) {
            return line.substr(name.size() + 2);
        }
    }
    return {};
}

void wait_for_head(fetch::Fetcher& fetcher) {
    REQUIRE(std::holds_alternative<fetch::Head>(fetcher.next({})));
}

// Waits for the end of the body, without an answer.
bool ends_quietly(fetch::Fetcher& fetcher, const Fd& pipe) {
    std::vector<char> buffer(1 << 16);
    while (::read(pipe.get(), buffer.data(), buffer.size()) > 0) {
    }
    return !wait_for(fetcher.socket(), POLLIN, {}, Clock::now());
}

std::string died(fetch::Fetcher& fetcher) {
    try {
        for (;;) {
            static_cast<void>(fetcher.next({}));
        }
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::Internal);
        return error.what();
    }
}

} // namespace

TEST_CASE("K1: a slipway-fetch that is killed is an error that names the signal", "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(600));
    server.on("/image", {stall_after(100)});
    fetch::Fetcher fetcher = make_fetcher();
    const Fd pipe = fetcher.start(Url::parse(server.url("/image")), 0, fetch::Cache::Use);
    wait_for_head(fetcher);
    ::kill(fetcher.pid(), SIGKILL);
    CHECK(died(fetcher) == "slipway-fetch was killed by signal 9 (Killed)");
    CHECK_THROWS_WITH(fetcher.start(Url::parse(server.url("/image")), 0, fetch::Cache::Use),
                      contains("was killed by signal 9"));
    CHECK_THROWS_WITH(
        fetcher.document(Url::parse(server.url("/image")), 100, fetch::Cache::Use, {}, {}),
        contains("was killed by signal 9"));
    fetcher.cancel(); // without effect, and without an exception
}

TEST_CASE("K5: a program that is none of ours, or talks nonsense, is an error of ours", "[fetch]") {
    const TempDir directory;
    const auto said_of = [&](const std::string& script) {
        write_file(directory / "program", "#!/bin/sh\n" + script);
        std::filesystem::permissions(directory / "program", std::filesystem::perms(0755));
        try {
            fetch::Fetcher fetcher(quick(), directory / "program");
            return died(fetcher);
        } catch (const Error& error) { // it was gone before the settings could be sent
            return std::string(error.what());
        }
    };
    CHECK(said_of("exit 0") == "slipway-fetch exited with status 0");
    CHECK(said_of("echo 'out of paper' >&2; exit 3") ==
          "slipway-fetch exited with status 3 and said 'out of paper'");
    CHECK_THAT(said_of("printf nonsense >&3; cat <&3 >/dev/null"),
               contains("not a message of the fetch protocol") && contains("'nonsense'"));
}

TEST_CASE("K5: slipway-fetch ends with a reason when the keeper talks nonsense", "[fetch]") {
    auto [ours, theirs] = make_message_pair();
    ChildSpec spec;
    spec.program = program("slipway-fetch");
    spec.fds = {{theirs.get(), 3}};
    spec.capture_stderr = true;
    ChildProcess child(spec);
    theirs.reset();
    SECTION("instead of settings") {
        send_message(ours.get(), "{\"protocol\": 7}");
        CHECK(child.wait().code == 1);
        CHECK_THAT(child.stderr_tail(), contains("expected protocol 1"));
    }
    SECTION("instead of a request") {
        send_message(ours.get(), to_json(quick()));
        send_message(ours.get(), R"({"id": 1, "url": "http://u:PASS@h/"})");
        CHECK(child.wait().code == 1);
        CHECK_THAT(child.stderr_tail(), contains("a request brings one pipe") && !contains("PASS"));
    }
    SECTION("nothing at all") {
        ours.reset();
        CHECK(child.wait().code == 0);
        CHECK(child.stderr_tail().empty());
    }
}

TEST_CASE("the end of the control socket ends the program in the midst of its work", "[fetch]") {
    HttpServer server;
    const BlackHole nowhere;
    server.serve("/image", noise(8'000'000));
    server.always("/stalled", stall_after(0));
    server.serve("/stalled", "content");
    server.always("/busy", answering(503).with_header("Retry-After", "120"));
    fetch::Settings settings = quick();
    settings.retry = 1h;
    settings.stall_timeout = 1h;
    settings.connect_timeout = 1h;
    const std::string path = GENERATE("/image", "/stalled", "/busy", "nowhere");
    const std::string url = path == "nowhere"
                                ? "http://127.0.0.1:" + std::to_string(nowhere.port()) + "/"
                                : server.url(path);
    auto [ours, theirs] = make_message_pair();
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    ChildSpec spec;
    spec.program = program("slipway-fetch");
    spec.fds = {{theirs.get(), 3}};
    ChildProcess child(spec);
    theirs.reset();
    send_message(ours.get(), to_json(settings));
    send_message(ours.get(), to_json(fetch::Request{1, url, 0, false}), {writing.get()});
    writing.reset();
    ours.reset();
    const auto exit = child.wait_for(10s);
    REQUIRE(exit);
    CHECK(exit->success());
}

TEST_CASE("N13: no secret of a URL is in the arguments or the environment of slipway-fetch",
          "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(600));
    server.on("/image", {cut_after(50), stall_after(100)});
    fetch::Settings settings = quick();
    settings.stall_timeout = 1h;
    fetch::Fetcher fetcher = make_fetcher(settings);
    const std::string url =
        "http://user:PASSWORD@127.0.0.1:" + std::to_string(server.port()) + "/image?token=TOKEN";
    const Fd pipe = fetcher.start(Url::parse(url), 0, fetch::Cache::Use);
    const auto head = std::get<fetch::Head>(fetcher.next({}));
    const auto retry = std::get<fetch::Retry>(fetcher.next({}));
    server.wait_for_requests("/image", 2);
    std::vector<std::string> texts{proc(fetcher.pid(), "cmdline"), proc(fetcher.pid(), "comm"),
                                   head.url, retry.reason};
    if (::geteuid() == 0) { // nobody else may read it: the program is not dumpable
        texts.push_back(proc(fetcher.pid(), "environ"));
    }
    for (const std::string& text : texts) {
        INFO(text);
        CHECK_THAT(text, !contains("PASSWORD") && !contains("TOKEN"));
    }
    CHECK(proc(fetcher.pid(), "cmdline") == std::string("slipway-fetch\0", 14));
    CHECK(head.url == "http://…@127.0.0.1:" + std::to_string(server.port()) + "/image?token=…");
}

TEST_CASE("slipway-fetch runs as a user without rights", "[fetch][confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: to become another user");
    }
    HttpServer server;
    server.serve("/image", "content");
    fetch::Fetcher fetcher = make_fetcher();
    REQUIRE(fetch_file(fetcher, server.url("/image")).is_end());
    const passwd* user = ::getpwnam("slipway-fetch");
    user = user == nullptr ? ::getpwnam("nobody") : user;
    REQUIRE(user != nullptr);
    const std::string id = std::to_string(user->pw_uid);
    CHECK(status_of(fetcher.pid(), "Uid") == id + "\t" + id + "\t" + id + "\t" + id);
    CHECK(status_of(fetcher.pid(), "Groups") == " ");
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
        CHECK(status_of(fetcher.pid(), set) == "0000000000000000");
    }
    CHECK(status_of(fetcher.pid(), "NoNewPrivs") == "1");
    CHECK(status_of(fetcher.pid(), "Seccomp") == "2");
}

TEST_CASE("confined as slipway-fetch is, a program reads what HTTP needs and writes nothing",
          "[fetch][confine]") {
    TempDir directory;
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0777));
    const std::string victim = directory / "victim";
    write_file(victim, "untouched");
    std::filesystem::permissions(victim, std::filesystem::perms(0666));
    const pid_t pid = ::fork();
    if (pid == 0) {
        fetch::confine_fetch();
        const bool reads =
            Fd(::open("/etc/passwd", O_RDONLY)) && Fd(::open("/etc/nsswitch.conf", O_RDONLY)) &&
            Fd(::open(victim.c_str(), O_RDONLY)) && Fd(::socket(AF_INET, SOCK_STREAM, 0));
        const bool writes = Fd(::open(victim.c_str(), O_WRONLY)) ||
                            Fd(::open(victim.c_str(), O_RDWR)) ||
                            Fd(::open((victim + "2").c_str(), O_WRONLY | O_CREAT, 0600)) ||
                            Fd(::open("/dev/shm/slipway-victim", O_WRONLY | O_CREAT, 0600));
        ::_exit(reads && !writes ? 10 : 11);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    CHECK(WEXITSTATUS(status) == 10);
    CHECK(read_file(victim) == "untouched");
    CHECK_FALSE(std::filesystem::exists(victim + "2"));
}

TEST_CASE("a cancel is obeyed at once, wherever it comes, and the next request is carried out",
          "[fetch]") {
    HttpServer server;
    const BlackHole nowhere;
    server.serve("/image", noise(8'000'000));
    server.serve("/next", "next");
    server.serve("/stalled", noise(600));
    server.always("/stalled", stall_after(100));
    server.always("/silent", stall_in_header(0));
    server.always("/busy", answering(503).with_header("Retry-After", "120"));
    fetch::Settings settings = quick();
    settings.retry = 1h;
    settings.stall_timeout = 1h;
    settings.connect_timeout = 1h;
    fetch::Fetcher fetcher = make_fetcher(settings);
    const std::string hole = "http://127.0.0.1:" + std::to_string(nowhere.port()) + "/";
    for (const std::string& url : {server.url("/image"), server.url("/stalled"),
                                   server.url("/silent"), server.url("/busy"), hole}) {
        INFO(url);
        const Fd pipe = fetcher.start(Url::parse(url), 0, fetch::Cache::Use);
        if (url == hole) {
            CHECK_FALSE(wait_for(fetcher.socket(), POLLIN, {}, Clock::now() + 50ms));
        } else if (url.ends_with("/silent")) {
            server.wait_for_requests("/silent", 1);
        } else {
            REQUIRE(wait_for(fetcher.socket(), POLLIN, {}, Clock::now() + 10s));
        }
        const auto before = Clock::now();
        fetcher.cancel();
        std::vector<char> buffer(1 << 16);
        while (::read(pipe.get(), buffer.data(), buffer.size()) > 0) {
        }
        CHECK(Clock::now() - before < 2s); // measured: under 5 ms on an idle machine
        CHECK(fetch_file(fetcher, server.url("/next")).body == "next");
    }
}

TEST_CASE("a stop request ends the waiting for a document, and the request with it", "[fetch]") {
    HttpServer server;
    server.serve("/next", "next");
    server.always("/silent", stall_in_header(0));
    fetch::Settings settings = quick();
    settings.stall_timeout = 1h;
    fetch::Fetcher fetcher = make_fetcher(settings);
    std::stop_source stop;
    std::jthread stopper([&] {
        server.wait_for_requests("/silent", 1);
        stop.request_stop();
    });
    CHECK_THROWS_AS(fetcher.document(Url::parse(server.url("/silent")), 100, fetch::Cache::Use,
                                     stop.get_token(), {}),
                    Canceled);
    CHECK(fetch_file(fetcher, server.url("/next")).body == "next");
}

TEST_CASE("when the reader of the pipe goes away the request ends without a word", "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(8'000'000));
    server.serve("/stalled", noise(600));
    server.serve("/next", "next");
    server.always("/stalled", stall_after(100));
    fetch::Settings settings = quick();
    settings.stall_timeout = 1h;
    fetch::Fetcher fetcher = make_fetcher(settings);
    for (const char* path : {"/image", "/stalled"}) {
        INFO(path);
        Fd pipe = fetcher.start(Url::parse(server.url(path)), 0, fetch::Cache::Use);
        wait_for_head(fetcher);
        pipe.reset();
        const Fetched next = fetch_file(fetcher, server.url("/next"));
        CHECK(next.body == "next");
        CHECK(next.before.size() == 1); // the head of this one, nothing of the other
    }
}

TEST_CASE("a canceled request leaves no answer behind", "[fetch]") {
    HttpServer server;
    server.serve("/image", noise(600));
    server.always("/image", stall_after(100));
    fetch::Settings settings = quick();
    settings.stall_timeout = 1h;
    fetch::Fetcher fetcher = make_fetcher(settings);
    const Fd pipe = fetcher.start(Url::parse(server.url("/image")), 0, fetch::Cache::Use);
    wait_for_head(fetcher);
    fetcher.cancel();
    CHECK(ends_quietly(fetcher, pipe));
}

TEST_CASE("features are printed by the program as it is when confined", "[fetch]") {
    const std::string features = run_ok({program("slipway-fetch"), "features"});
    CHECK_THAT(features, contains("\"program\":\"slipway-fetch\"") && contains("libcurl/") &&
                             contains("\"seccomp\":true"));
    const RunResult wrong = run({program("slipway-fetch"), "http://h/x"});
    CHECK(wrong.status == 2);
    CHECK_THAT(wrong.err, contains("usage: slipway-fetch [features]"));
}
