// Reading pipe and answers side by side, as the keeper and slipway-unpack do in two processes.

#include "tests/fetch/fetching.hh"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include <poll.h>
#include <unistd.h>

#include "base/wait.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

using namespace std::chrono_literals;

fetch::Settings quick() {
    fetch::Settings settings;
    settings.connect_timeout = 5s;
    settings.stall_timeout = 1s; // a loaded machine leaves the test's own server waiting
    settings.retry = 1ms;
    settings.user_agent = "slipway/test";
    return settings;
}

fetch::Fetcher make_fetcher(const fetch::Settings& settings) {
    return fetch::Fetcher(settings, program("slipway-fetch"));
}

std::vector<fetch::Retry> Fetched::retries() const {
    std::vector<fetch::Retry> found;
    for (const fetch::Answer& one : before) {
        if (const auto* retry = std::get_if<fetch::Retry>(&one)) {
            found.push_back(*retry);
        }
    }
    return found;
}

fetch::Head Fetched::head() const {
    fetch::Head last;
    for (const fetch::Answer& one : before) {
        if (const auto* head = std::get_if<fetch::Head>(&one)) {
            last = *head;
        }
    }
    return last;
}

int Fetched::status() const {
    const auto* status = std::get_if<fetch::Status>(&answer);
    return status == nullptr ? 0 : status->status;
}

std::string Fetched::changed() const {
    const auto* changed = std::get_if<fetch::Changed>(&answer);
    return changed == nullptr ? "" : changed->reason;
}

std::string Fetched::failure() const {
    const auto* failure = std::get_if<fetch::Failure>(&answer);
    return failure == nullptr ? "" : failure->text;
}

Fetched fetch_file(fetch::Fetcher& fetcher, const std::string& url, std::uint64_t limit_bytes,
                   const std::function<void(const fetch::Answer&)>& on_answer) {
    Fd pipe = fetcher.start(Url::parse(url), limit_bytes, fetch::Cache::Use);
    Fetched fetched;
    bool ended = false;
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    std::vector<char> buffer(1 << 18);
    while (!ended || pipe) {
        std::array<pollfd, 2> fds{
            {{pipe.get(), POLLIN, 0}, {ended ? -1 : fetcher.socket(), POLLIN, 0}}};
        if (poll_fds(fds, {}, deadline) == 0) {
            throw std::runtime_error("the fetch of " + url + " hangs");
        }
        if (fds[0].revents != 0) {
            const ssize_t got = ::read(pipe.get(), buffer.data(), buffer.size());
            if (got <= 0) {
                pipe.reset();
            } else {
                fetched.body.append(buffer.data(), static_cast<std::size_t>(got));
            }
        }
        if (fds[1].revents != 0) {
            fetch::Answer answer = fetcher.next({});
            ended = !std::holds_alternative<fetch::Head>(answer) &&
                    !std::holds_alternative<fetch::Retry>(answer);
            if (ended) {
                fetched.answer = std::move(answer);
                continue;
            }
            if (on_answer) {
                on_answer(answer);
            }
            fetched.before.push_back(std::move(answer));
        }
    }
    return fetched;
}

Fetched fetch_file(const std::string& url, const fetch::Settings& settings) {
    fetch::Fetcher fetcher = make_fetcher(settings);
    return fetch_file(fetcher, url);
}

std::string noise(std::size_t size) {
    std::mt19937_64 random(size);
    std::string bytes(size, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(random());
    }
    return bytes;
}

Variable::Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
}

Variable::~Variable() {
    ::unsetenv(name_.c_str());
}

} // namespace slipway::tests
