// Hosts that cannot be reached: faults N1–N3. Names are resolved in a network namespace of the
// test's own, with its own resolv.conf, hosts and name server.

#include <array>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"
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

void require(bool good, const char* what) {
    if (!good) {
        throw errno_error("cannot {}", what);
    }
}

void raise_loopback() {
    const Fd any(::socket(AF_INET, SOCK_DGRAM, 0));
    ifreq request{};
    std::char_traits<char>::copy(request.ifr_name, "lo", 3);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    require(::ioctl(any.get(), SIOCSIFFLAGS, &request) == 0, "raise the loopback interface");
}

void cover(const std::filesystem::path& directory, const std::string& target,
           const std::string& content) {
    const std::filesystem::path file = directory / std::filesystem::path(target).filename();
    write_file(file, content);
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    require(::mount(file.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0, "cover a file");
}

// Runs `scenario` in a process with a network of its own, in which only loopback exists, and gives
// back what it returns. Names come from `hosts` and from a name server at 127.0.0.1.
std::string alone(const std::string& hosts, const std::function<std::string()>& scenario) {
    const TempDir directory;
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    const std::string result = directory / "result";
    const pid_t pid = ::fork();
    if (pid == 0) {
        try {
            require(::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "unshare");
            require(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
                    "make mounts private");
            raise_loopback();
            cover(directory.path(), "/etc/hosts", hosts);
            cover(directory.path(), "/etc/resolv.conf", "nameserver 127.0.0.1\n");
            cover(directory.path(), "/etc/nsswitch.conf", "hosts: files dns\n");
            write_file(result, scenario());
        } catch (const std::exception& error) {
            write_file(result, std::string("the scenario failed: ") + error.what());
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return read_file(result);
}

// A socket at which a name server is asked; as it is, it never answers.
Fd silent_name_server() {
    Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
            "be a name server");
    return socket;
}

// Answers queries for addresses with 127.0.0.1, and for anything else with nothing (RFC 1035 §4).
void answer_names(const Fd& socket, const std::stop_token& stop) {
    std::array<char, 512> query{};
    sockaddr_storage from{};
    for (;;) {
        wait_for(socket.get(), POLLIN, stop); // throws at the stop
        socklen_t size = sizeof from;
        const ssize_t got = ::recvfrom(socket.get(), query.data(), query.size(), 0,
                                       reinterpret_cast<sockaddr*>(&from), &size);
        const std::string_view text(query.data(),
                                    static_cast<std::size_t>(std::max<ssize_t>(0, got)));
        constexpr std::size_t kHeader = 12;
        const std::size_t name_end = text.find('\0', kHeader);
        if (name_end == std::string_view::npos || name_end + 5 > text.size()) {
            continue;
        }
        const std::string_view question = text.substr(kHeader, name_end + 5 - kHeader);
        const bool wants_address = question[question.size() - 3] == 1;
        std::string answer(text.substr(0, 2));
        answer += std::string("\x81\x80\0\1\0", 5) + (wants_address ? '\1' : '\0') +
                  std::string("\0\0\0\0", 4) + std::string(question);
        if (wants_address) {
            answer += std::string("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1", 16);
        }
        ::sendto(socket.get(), answer.data(), answer.size(), 0,
                 reinterpret_cast<const sockaddr*>(&from), size);
    }
}

// "in time: " or "late: " in front of `text`.
std::string timed(Clock::time_point since, Clock::duration limit, const std::string& text) {
    return (Clock::now() - since < limit ? "in time: " : "late: ") + text;
}

} // namespace

TEST_CASE("N1: a refused connection is refused at once and names host and port", "[fetch]") {
    HttpServer server;
    server.go_down();
    const Fetched fetched = fetch_file(server.url("/image?token=TOKEN"));
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.retries().empty());
    CHECK_THAT(fetched.failure(), contains("cannot fetch '" + server.url("/image?token=…") + "'"));
    CHECK_THAT(fetched.failure(),
               contains("failed to connect to 127.0.0.1 port " + std::to_string(server.port())) &&
                   contains("Couldn't connect to server; check the address and "
                            "this machine's network"));
}

TEST_CASE("N1: a host that does not answer is refused after the connect time-out", "[fetch]") {
    const BlackHole nowhere;
    fetch::Settings settings = quick();
    settings.connect_timeout = 200ms;
    const auto before = Clock::now();
    const Fetched fetched =
        fetch_file("http://127.0.0.1:" + std::to_string(nowhere.port()) + "/", settings);
    CHECK(Clock::now() - before >= 200ms);
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.retries().empty());
    // libcurl has two sentences for it, by where it notices.
    CHECK_THAT(fetched.failure(),
               contains(std::to_string(nowhere.port())) && contains(" ms") &&
                   (contains("Timeout was reached") || contains("connection timeout after")));
}

TEST_CASE("N1: a handshake that never comes to its end is refused after the connect time-out",
          "[fetch]") {
    const Fd listener = listen_on(0); // the kernel accepts, nobody answers
    fetch::Settings settings = quick();
    settings.connect_timeout = 200ms;
    const Fetched fetched =
        fetch_file("https://127.0.0.1:" + std::to_string(port_of(listener)) + "/", settings);
    CHECK(fetched.kind() == Kind::Network);
    CHECK(fetched.retries().empty());
    CHECK_THAT(fetched.failure(), contains("timed out") || contains("timeout"));
}

TEST_CASE("N1: once anything has answered in this job, a refused connection is retried",
          "[fetch]") {
    HttpServer server;
    HttpServer other;
    server.serve("/SHA256SUMS", "content");
    other.go_down();
    fetch::Fetcher fetcher = make_fetcher();
    CHECK(fetch_file(fetcher, server.url("/SHA256SUMS")).is_end());
    const Fetched fetched = fetch_file(fetcher, other.url("/image"));
    CHECK(fetched.retries().size() == 8);
    CHECK_THAT(fetched.failure(), contains("gave up after 8 retries"));
}

TEST_CASE("N1: an unknown host and a missing route are refused at once, by name", "[fetch]") {
    if (::geteuid() != 0) {
        SKIP("needs root: a network namespace");
    }
    CHECK_THAT(alone("127.0.0.1 localhost\n",
                     [] { return fetch_file("http://nowhere.example/image").failure(); }),
               contains("could not resolve host: nowhere.example"));
    CHECK_THAT(alone("", [] { return fetch_file("http://192.0.2.1:8080/image").failure(); }),
               contains("failed to connect to 192.0.2.1 port 8080"));
}

TEST_CASE("a name is resolved by the confined program, from a name server", "[fetch]") {
    if (::geteuid() != 0) {
        SKIP("needs root: a network namespace");
    }
    CHECK(alone("", [] {
              const Fd socket = silent_name_server();
              const std::jthread names([&](const std::stop_token& stop) {
                  try {
                      answer_names(socket, stop);
                  } catch (const Canceled&) {
                      return;
                  }
              });
              HttpServer server;
              server.serve("/image", "content");
              const Fetched fetched = fetch_file(server.url("/image", "somewhere.example"));
              return fetched.body + fetched.failure();
          }) == "content");
}

TEST_CASE("N2: a name server that never answers costs the connect time-out and no more",
          "[fetch]") {
    if (::geteuid() != 0) {
        SKIP("needs root: a network namespace");
    }
    const std::string said = alone("", [] {
        const Fd server = silent_name_server();
        fetch::Settings settings = quick();
        settings.connect_timeout = 200ms;
        const auto before = Clock::now();
        const Fetched fetched = fetch_file("http://nowhere.example/image", settings);
        return timed(before, 3s, fetched.failure());
    });
    CHECK_THAT(said, contains("in time: cannot fetch 'http://nowhere.example/image': ") &&
                         contains("timed out"));
}

TEST_CASE("N2: while a name is being resolved, a cancel works within a second", "[fetch]") {
    if (::geteuid() != 0) {
        SKIP("needs root: a network namespace");
    }
    const std::string said = alone("127.0.0.1 here\n", [] {
        const Fd name_server = silent_name_server();
        HttpServer server;
        server.serve("/next", "next");
        fetch::Settings settings = quick();
        settings.connect_timeout = 1h;
        fetch::Fetcher fetcher = make_fetcher(settings);
        const Fd pipe =
            fetcher.start(Url::parse("http://nowhere.example/image"), 0, fetch::Cache::Use);
        if (!wait_for(name_server.get(), POLLIN, {}, Clock::now() + 10s)) {
            return std::string("nothing was asked of the name server");
        }
        const auto before = Clock::now();
        fetcher.cancel();
        char byte = 0;
        const bool closed = ::read(pipe.get(), &byte, 1) == 0;
        const std::string verdict = timed(before, 1s, closed ? "canceled" : "not closed");
        return verdict + ", " + fetch_file(fetcher, server.url("/next", "here")).body;
    });
    CHECK(said == "in time: canceled, next");
}

TEST_CASE("N2: the end of the job does not wait for the name server", "[fetch]") {
    if (::geteuid() != 0) {
        SKIP("needs root: a network namespace");
    }
    const std::string said = alone("", [] {
        const Fd name_server = silent_name_server();
        const auto before = Clock::now();
        {
            fetch::Fetcher fetcher = make_fetcher();
            const Fd pipe =
                fetcher.start(Url::parse("http://nowhere.example/image"), 0, fetch::Cache::Use);
            wait_for(name_server.get(), POLLIN, {}, Clock::now() + 10s);
        }
        return timed(before, 3s, "ended");
    });
    CHECK(said == "in time: ended");
}

TEST_CASE("N3: a first address family that swallows everything costs less than a second",
          "[fetch]") {
    if (::geteuid() != 0) {
        SKIP("needs root: a network namespace");
    }
    const std::string said = alone("::1 two\n127.0.0.1 two\n", [] {
        HttpServer server;
        server.serve("/image", "content");
        const BlackHole nowhere(server.port(), true);
        fetch::Fetcher fetcher = make_fetcher();
        static_cast<void>(fetch_file(fetcher, server.url("/image"))); // its start is not measured
        const auto before = Clock::now();
        const Fetched fetched = fetch_file(fetcher, server.url("/image", "two"));
        return timed(before, 1s, fetched.body + fetched.failure());
    });
    CHECK(said == "in time: content");
}
