// slipway-check: answers one question about signatures or keys and ends. Confined before the first
// datagram. It leads a process group of its own, which takes the engine along when it has to end.

#include <cerrno>
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/confine.hh"
#include "base/error.hh"
#include "base/feature_report.hh"
#include "base/json.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "check/check_signatures.hh"
#include "check/engine_watch.hh"
#include "check/list_keys.hh"
#include "check/openpgp.hh"
#include "check/receive_check.hh"
#include "stream/source.hh"

namespace {

using namespace slipway;

constexpr int kControlFd = 3;

Confined confine_check() {
    Confinement wanted;
    wanted.view = View::HostRead; // the engine and its libraries are programs of the host
    wanted.filter = Filter::Check;
    wanted.user = "nobody";
    return confine(wanted);
}

// The statement from a pipe. The keeper's end alone decides when it is at its end.
class WatchedInput final : public stream::Source {
public:
    WatchedInput(int fd, check::EngineWatch& watch) : fd_(fd), watch_(watch) {}

    Bytes next() override {
        watch_.begin_wait();
        ssize_t size = 0;
        do {
            size = ::read(fd_, buffer_.data(), buffer_.size());
        } while (size < 0 && errno == EINTR);
        watch_.end_wait();
        if (size < 0) {
            throw errno_error("cannot read what is signed");
        }
        return Bytes(buffer_).first(static_cast<std::size_t>(size));
    }

private:
    int fd_;
    check::EngineWatch& watch_;
    std::vector<std::byte> buffer_ = std::vector<std::byte>(256 * KiB);
};

std::string answer(check::ReceivedCheck received, int control) {
    check::EngineWatch watch(control, received.engine_patience);
    const check::OnHome on_home = [&watch](const auto& home) { watch.set_home(home); };
    if (received.request.form == verify::CheckForm::ListKeys) {
        write_all(received.output.get(),
                  verify::to_json(check::list_keys(received.request.rings, on_home)));
        return R"({"answer": "keys"})";
    }
    WatchedInput input(received.stream.get(), watch);
    received.request.now = std::time(nullptr);
    const verify::SignatureReport report =
        check::check_signatures(received.request, received.stream ? &input : nullptr, on_home);
    if (received.output) {
        write_all(received.output.get(), report.text);
    }
    return verify::to_json(report);
}

void serve(int control) {
    ::setpgid(0, 0);
    confine_check();
    std::string text;
    try {
        text = answer(check::receive_check(control), control);
    } catch (const Error& error) {
        text = nlohmann::json{{"answer", "error"},
                              {"kind", word(error.kind())},
                              {"text", to_utf8(error.what())}}
                   .dump();
    }
    send_message(control, text);
}

void print_features() {
    const int landlock = landlock_version();
    const Confined confined = confine_check();
    const check::OpenPgp::Versions versions = check::OpenPgp::versions();
    const std::string engine =
        versions.engine.empty()
            ? "missing; install the package 'gpg'"
            : fmt::format("GnuPG {}, GPGME {}", versions.engine, versions.library);
    fmt::print("{}\n", feature_report("slipway-check", kAllFences, confined, landlock,
                                      {{"openpgp", engine}}));
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc == 2 && std::string_view(argv[1]) == "features") {
            print_features();
            return 0;
        }
        if (argc != 1) {
            throw Error(Kind::InvalidArgument, "usage: slipway-check [features]; it is started by "
                                               "slipway-transfer");
        }
        serve(kControlFd);
    } catch (const Error& error) {
        fmt::print(stderr, "slipway-check: {}\n", error.what());
        return error.status();
    } catch (const std::exception& error) {
        fmt::print(stderr, "slipway-check: {}\n", error.what());
        return exit_status(Kind::Other);
    }
    return 0;
}
