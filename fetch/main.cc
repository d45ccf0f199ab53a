// slipway-fetch: HTTP for one job, by a user without rights. Confined before the first datagram.

#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "base/confine.hh"
#include "base/error.hh"
#include "base/feature_report.hh"
#include "fetch/confinement.hh"
#include "fetch/control.hh"
#include "fetch/service.hh"

namespace {

using namespace slipway;

constexpr int kControlFd = 3;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string either(const char* first, const char* second) {
    std::string value = variable(first);
    return value.empty() ? variable(second) : value;
}

fetch::Environment read_environment() {
    return {{variable("http_proxy"), either("https_proxy", "HTTPS_PROXY"),
             either("all_proxy", "ALL_PROXY"), either("no_proxy", "NO_PROXY")},
            variable("SSL_CERT_FILE"),
            variable("SSL_CERT_DIR")};
}

void serve(Fd socket, const fetch::Environment& environment) {
    fetch::Control control(std::move(socket));
    const auto settings = control.settings();
    if (!settings) {
        return;
    }
    fetch::serve(control, *settings, environment);
}

void print_features() {
    const int landlock = landlock_version();
    const Confined confined = fetch::confine_fetch();
    const unsigned by_design = kAllFences & ~static_cast<unsigned>(Fence::Network);
    fmt::print("{}\n", feature_report("slipway-fetch", by_design, confined, landlock,
                                      {{"http", fetch::http_engine()}}));
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 2 && std::string_view(argv[1]) == "features") {
            print_features();
            return 0;
        }
        if (argc != 1) {
            throw Error(Kind::InvalidArgument, "usage: slipway-fetch [features]; it is started by "
                                               "slipway-transfer");
        }
        const fetch::Environment environment = read_environment();
        ::signal(SIGPIPE, SIG_IGN);
        fetch::confine_fetch();
        serve(Fd(kControlFd), environment);
    } catch (const Error& error) {
        fmt::print(stderr, "slipway-fetch: {}\n", error.what());
        return error.status();
    } catch (const std::exception& error) {
        fmt::print(stderr, "slipway-fetch: {}\n", error.what());
        return exit_status(Kind::Other);
    }
    // A name that is still being resolved has a thread, which must not outlive what it uses.
    ::_exit(0);
}
