// A job of the real programs, heard while it runs.

#include "tests/e2e/running_job.hh"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <variant>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/wait.hh"
#include "tests/e2e/processes.hh"

namespace slipway::tests {
namespace {

using namespace std::chrono_literals;

std::pair<Fd, Fd> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

std::string milliseconds(std::chrono::milliseconds time) {
    return std::to_string(time.count()) + "ms";
}

void write_line(const Fd& fd, std::string line) {
    line += "\n";
    if (::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw errno_error("cannot write the request");
    }
}

void add_network(std::vector<std::string>& words, const fetch::Settings& network) {
    words.push_back("--connect-timeout=" + milliseconds(network.connect_timeout));
    words.push_back("--stall-timeout=" + milliseconds(network.stall_timeout));
    words.push_back("--stall-speed=" + std::to_string(network.stall_bytes));
    words.push_back("--retry-delay=" + milliseconds(network.retry));
    words.push_back("--retries=" + std::to_string(network.retries));
    if (!network.ca_file.empty()) {
        words.push_back("--ca-file=" + network.ca_file);
    }
}

void add_siblings(std::vector<std::string>& words, const transfer::Request& request) {
    const auto add = [&words](const char* option, bool wanted) {
        words.push_back(fmt::format("--{}={}", option, wanted ? "yes" : "no"));
    };
    add("settings", request.siblings.settings);
    if (brings_disk(request.verb)) {
        add("roothash", request.siblings.roothash);
        add("roothash-signature", request.siblings.roothash_signature);
        add("verity", request.siblings.verity);
    }
}

void add_options(std::vector<std::string>& words, const transfer::Request& request) {
    if (request.force) {
        words.emplace_back("--force");
    }
    if (request.read_only) {
        words.emplace_back("--read-only");
    }
    if (request.verb == transfer::Verb::ImportFs) {
        return;
    }
    words.push_back("--verify=" + request.verify);
    const pull::Budget& budget = request.budget;
    words.push_back("--max-size=" + std::to_string(budget.size_bytes));
    words.push_back("--max-ratio=" + std::to_string(budget.ratio));
    if (!brings_disk(request.verb)) {
        words.push_back("--max-entries=" + std::to_string(budget.entries));
    }
    if (is_pull(request.verb)) {
        add_siblings(words, request);
        for (const std::filesystem::path& ring : request.keyrings) {
            words.push_back("--keyring=" + ring.string());
        }
        if (!request.checksum_url.empty()) {
            words.push_back("--checksum-url=" + request.checksum_url);
        }
        if (!request.signature_url.empty()) {
            words.push_back("--signature-url=" + request.signature_url);
        }
        add_network(words, request.network);
    }
}

/// What changes an image that is there: "clone SOURCE NAME", "read-only NAME BOOL".
void add_change(std::vector<std::string>& words, const transfer::Request& request) {
    const bool marks = request.verb == transfer::Verb::ReadOnly;
    if (request.read_only && !marks) {
        words.emplace_back("--read-only");
    }
    if (request.dry_run) {
        words.emplace_back("--dry-run");
    }
    if (request.fresh) {
        words.emplace_back("--fresh");
    }
    words.emplace_back("--");
    words.push_back(request.name);
    if (marks) {
        words.emplace_back(request.read_only ? "yes" : "no");
    } else if (!request.new_name.empty()) {
        words.push_back(request.new_name);
    }
}

bool changes_image(transfer::Verb verb) {
    return verb == transfer::Verb::Clone || verb == transfer::Verb::Rename ||
           verb == transfer::Verb::ReadOnly || verb == transfer::Verb::Remove;
}

} // namespace

std::vector<std::string> command_line(const transfer::Request& request) {
    std::vector<std::string> words{program("slipway").string(), "--pool=" + request.pool.string(),
                                   std::string(transfer::word(request.verb))};
    if (changes_image(request.verb)) {
        add_change(words, request);
        return words;
    }
    add_options(words, request);
    words.emplace_back("--");
    words.push_back(is_pull(request.verb)  ? request.url
                    : request.path.empty() ? "-"
                                           : request.path.string());
    if (!request.name.empty()) {
        words.push_back(request.name);
    }
    return words;
}

std::string FinishedJob::last_stage() const {
    const auto stages = all<transfer::StageEntered>();
    return stages.empty() ? "" : stages.back().stage;
}

std::vector<std::string> FinishedJob::lines(transfer::LogLevel level) const {
    std::vector<std::string> texts;
    for (const transfer::LogLine& line : all<transfer::LogLine>()) {
        if (line.level == level) {
            texts.push_back(line.text);
        }
    }
    return texts;
}

RunningJob::RunningJob(const transfer::Request& request, Face face, int input,
                       const std::filesystem::path& programs)
    : kind_(face) {
    auto [events_in, events_out] = make_pipe();
    auto [request_in, request_out] = make_pipe();
    ChildSpec spec;
    spec.capture_stderr = true;
    spec.own_process_group = true;
    spec.fds = {{events_out.get(), STDOUT_FILENO}};
    if (face == Face::Transfer) {
        spec.program = programs / "slipway-transfer";
        spec.fds.emplace_back(request_in.get(), STDIN_FILENO);
        if (input >= 0) {
            spec.fds.emplace_back(input, 3);
        }
    } else {
        const std::vector<std::string> words = command_line(request);
        spec.program = programs / "slipway";
        spec.arguments.assign(words.begin() + 1, words.end());
        spec.arguments.insert(spec.arguments.begin(), "--json=short");
        if (input >= 0) {
            spec.fds.emplace_back(input, STDIN_FILENO);
        }
    }
    face_.emplace(spec);
    events_fd_ = std::move(events_in);
    if (face == Face::Transfer) {
        request_ = std::move(request_out);
        write_line(request_, to_json(request));
    }
}

// False at the end.
bool RunningJob::read_event(std::chrono::steady_clock::time_point deadline) {
    std::size_t end = 0;
    while ((end = unread_.find('\n')) == std::string::npos) {
        if (!slipway::wait_for(events_fd_.get(), POLLIN, {}, deadline)) {
            throw std::runtime_error("the job said nothing new for too long; last stage: " +
                                     job_.last_stage());
        }
        std::array<char, 64 * 1024> part{};
        const ssize_t got = ::read(events_fd_.get(), part.data(), part.size());
        if (got <= 0) {
            return false;
        }
        unread_.append(part.data(), static_cast<std::size_t>(got));
    }
    job_.events.push_back(transfer::parse_event(unread_.substr(0, end)));
    unread_.erase(0, end + 1);
    if (const auto* ended = std::get_if<transfer::Ended>(&job_.events.back())) {
        job_.ended = *ended;
    }
    return true;
}

void RunningJob::wait_for(const std::function<bool(const transfer::Event&)>& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    do {
        if (!read_event(deadline)) {
            throw std::runtime_error("the job ended early: " + job_.text() +
                                     face_->stderr_tail(4096));
        }
    } while (!wanted(job_.events.back()));
}

void RunningJob::wait_for_stage(const std::string& stage) {
    wait_for([&stage](const transfer::Event& event) {
        const auto* entered = std::get_if<transfer::StageEntered>(&event);
        return entered != nullptr && entered->stage == stage;
    });
}

void RunningJob::wait_for_bytes(std::uint64_t bytes) {
    wait_for([bytes](const transfer::Event& event) {
        const auto* progress = std::get_if<transfer::Progress>(&event);
        return progress != nullptr && progress->done_bytes >= bytes;
    });
}

void RunningJob::wait_for_entries(std::uint64_t entries) {
    wait_for([entries](const transfer::Event& event) {
        const auto* progress = std::get_if<transfer::Progress>(&event);
        return progress != nullptr && progress->entries >= entries;
    });
}

std::optional<pid_t> RunningJob::find_keeper() const {
    return kind_ == Face::Transfer ? pid() : find_child_of(pid(), "slipway-transfer");
}

std::optional<pid_t> RunningJob::find_child(const std::string& name) const {
    const std::optional<pid_t> keeper = find_keeper();
    return keeper ? find_child_of(*keeper, name) : std::nullopt;
}

FinishedJob RunningJob::finish() {
    const auto deadline = std::chrono::steady_clock::now() + 120s;
    while (events_fd_ && read_event(deadline)) {
    }
    const ChildExit exit = face_->wait();
    job_.status = exit.signaled ? 128 + exit.code : exit.code;
    job_.err = face_->stderr_tail(64 * KiB);
    return std::move(job_);
}

FinishedJob run_job(const transfer::Request& request, Face face, int input) {
    return RunningJob(request, face, input).finish();
}

} // namespace slipway::tests
