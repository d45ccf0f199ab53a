// slipway-check: judges the signatures over one statement and ends. Confined before the first
// datagram. It leads a process group of its own, which takes the engine along when it has to end.

#include <csignal>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/confine.hh"
#include "base/error.hh"
#include "base/feature_report.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "verify/check.hh"
#include "verify/checksum_file.hh"
#include "verify/judge.hh"
#include "verify/openpgp.hh"
#include "verify/wire.hh"

namespace {

using namespace slipway;

constexpr int kControlFd = 3;
constexpr std::uint64_t kMaxRingBytes = 16 * MiB;

Confined confine_check() {
    Confinement wanted;
    wanted.view = View::HostRead; // the engine and its libraries are programs of the host
    wanted.filter = Filter::Check;
    wanted.user = "nobody";
    return confine(wanted);
}

// Ends the whole process group when the keeper goes: the engine may hang for ever. Where /tmp is
// the host's (no namespaces), its home goes first.
class Watch {
public:
    explicit Watch(int control)
        : thread_([this, control](const std::stop_token& stop) { run(control, stop); }) {}

    void set_home(const std::filesystem::path& home) {
        const std::scoped_lock lock(mutex_);
        home_ = home;
    }

private:
    void run(int control, const std::stop_token& stop) {
        try {
            wait_for(control, 0, stop); // no event is asked for: the end alone is told
        } catch (const Canceled&) {
            return;
        }
        const std::scoped_lock lock(mutex_);
        std::error_code error;
        std::filesystem::remove_all(home_, error);
        ::kill(0, SIGKILL);
    }

    std::mutex mutex_;
    std::filesystem::path home_;
    std::jthread thread_; // last: ends before what it uses
};

verify::CheckRequest::Ring read_ring(std::string name, int fd) {
    try {
        return {std::move(name), read_all(fd, kMaxRingBytes), {}};
    } catch (const Error& error) {
        return {std::move(name), {}, error.what()};
    }
}

// Descriptors of one datagram, in order.
class Attached {
public:
    explicit Attached(std::vector<Fd> fds) : fds_(std::move(fds)) {}
    Fd take() {
        if (next_ >= fds_.size()) {
            throw Error(Kind::Internal, "a request to slipway-check lacks a descriptor");
        }
        return std::move(fds_[next_++]);
    }

private:
    std::vector<Fd> fds_;
    std::size_t next_ = 0;
};

Message next_message(int control) {
    std::optional<Message> message = receive_message(control, {});
    if (!message) {
        throw Error(Kind::Internal, "slipway-transfer has ended before its request was complete");
    }
    return *std::move(message);
}

struct Asked {
    verify::CheckRequest request;
    Fd text; ///< where the text of a clearsigned document goes
};

Asked receive_request(int control) {
    Message message = next_message(control);
    verify::CheckMessage said = verify::check_message_from_json(message.text, true);
    Attached attached(std::move(message.fds));
    Asked asked;
    asked.request.clearsigned = said.clearsigned;
    asked.request.statement = read_all(attached.take().get(), verify::kMaxDocumentBytes);
    if (!said.clearsigned) {
        asked.request.signature = read_all(attached.take().get(), verify::kMaxSignatureBytes);
    }
    asked.text = attached.take();
    for (;;) {
        for (std::string& name : said.rings) {
            const Fd ring = attached.take();
            asked.request.rings.push_back(read_ring(std::move(name), ring.get()));
        }
        if (!said.more) {
            return asked;
        }
        message = next_message(control);
        said = verify::check_message_from_json(message.text, false);
        attached = Attached(std::move(message.fds));
    }
}

std::string answer(const Asked& asked, int control) {
    Watch watch(control);
    const verify::SignatureReport report = verify::check_signatures(
        asked.request, [&watch](const std::filesystem::path& home) { watch.set_home(home); });
    write_all(asked.text.get(), report.text);
    return verify::to_json(report);
}

void serve(int control) {
    ::setpgid(0, 0);
    confine_check();
    std::string text;
    try {
        text = answer(receive_request(control), control);
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
    const verify::OpenPgp::Versions versions = verify::OpenPgp::versions();
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
