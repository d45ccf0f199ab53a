// The system's clock jumps: fault N12. libfaketime moves it for slipway-fetch alone.

#include <filesystem>
#include <optional>

#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/programs.hh"
#include "tests/support/tls_server.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

std::optional<std::string> find_faketime() {
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
        const auto candidate = entry.path() / "faketime/libfaketime.so.1";
        if (std::filesystem::exists(candidate)) {
            return candidate.string();
        }
    }
    return std::nullopt;
}

// A clock for programs that are started while it lives.
class MovableClock {
public:
    explicit MovableClock(const std::string& library)
        : file_(directory_ / "clock"), preload_("LD_PRELOAD", library),
          file_variable_("FAKETIME_TIMESTAMP_FILE", file_), uncached_("FAKETIME_NO_CACHE", "1"),
          monotonic_("FAKETIME_DONT_FAKE_MONOTONIC", "1") {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
        jump("+0");
        std::filesystem::permissions(file_, std::filesystem::perms(0644));
    }
    void jump(const std::string& offset) const { write_file(file_, offset); }
    /// libfaketime leaves these behind for a program that does not exit(3).
    static void sweep(pid_t pid) {
        for (const char* name : {"faketime_shm_", "sem.faketime_sem_"}) {
            std::filesystem::remove("/dev/shm/" + (name + std::to_string(pid)));
        }
    }

private:
    TempDir directory_;
    std::string file_;
    Variable preload_;
    Variable file_variable_;
    Variable uncached_;
    Variable monotonic_;
};

#ifdef __SANITIZE_ADDRESS__
constexpr bool kAddressSanitizer = true;
#else
constexpr bool kAddressSanitizer = false;
#endif

} // namespace

TEST_CASE("N12: a clock that jumps by a year changes neither time-outs nor back-off", "[fetch]") {
    const auto library = find_faketime();
    if (!library) {
        SKIP("libfaketime is not installed");
    }
    if (kAddressSanitizer) {
        SKIP("AddressSanitizer and libfaketime both want to be loaded first");
    }
    const MovableClock clock(*library);
    const TestAuthority authority;
    HttpServer server;
    HttpServer secure("https", authority.tls(Certificate::Good));
    const std::string content = noise(600);
    server.serve("/image", content);
    secure.serve("/image", content);
    server.on("/image", {stall_after(100), answering(503).with_header("Retry-After", "3")});
    fetch::Settings settings = quick();
    settings.ca_file = authority.ca_file();

    const char* jump = GENERATE("+365d", "-365d");
    fetch::Fetcher fetcher = make_fetcher(settings);
    const auto before = std::chrono::steady_clock::now();
    const Fetched fetched = fetch_file(fetcher, server.url("/image"), 0,
                                       [&](const fetch::Answer&) { clock.jump(jump); });
    const auto took = std::chrono::steady_clock::now() - before;
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    CHECK(fetched.retries().size() == 2);
    CHECK(took >= 1003ms);
    CHECK(took < 10s);
    // And the clock has jumped indeed: a certificate of this month is not one of this month.
    CHECK_THAT(fetch_file(fetcher, secure.url("/image")).failure(),
               contains("expired") || contains("not yet valid"));
    MovableClock::sweep(fetcher.pid());
}
