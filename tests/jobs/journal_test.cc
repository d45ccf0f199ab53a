// The log, as the journal's socket and a terminal get it.

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "jobs/job_log.hh"
#include "jobs/journal.hh"
#include "tests/catch.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::jobs;
using namespace slipway::tests;

namespace {

// Standard error goes to a file while it lives.
class CapturedStderr {
public:
    CapturedStderr() : before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)), file_(make_memfd()) {
        ::dup2(file_.get(), STDERR_FILENO);
        struct stat info {};
        ::fstat(file_.get(), &info);
        stream_ = fmt::format("{}:{}", info.st_dev, info.st_ino);
    }
    ~CapturedStderr() { ::dup2(before_.get(), STDERR_FILENO); }
    CapturedStderr(const CapturedStderr&) = delete;
    CapturedStderr& operator=(const CapturedStderr&) = delete;

    // As systemd would put it into JOURNAL_STREAM.
    const std::string& stream() const { return stream_; }
    std::string text() const {
        ::lseek(file_.get(), 0, SEEK_SET);
        return read_all(file_.get(), MiB);
    }

private:
    Fd before_;
    Fd file_;
    std::string stream_;
};

// The socket on which journald would listen, in a /run of the test's own.
class JournalSocket {
public:
    JournalSocket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        std::filesystem::create_directories("/run/systemd/journal");
        std::filesystem::remove(kPath);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy_n(kPath.data(), kPath.size(), address.sun_path);
        const int error =
            ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
        REQUIRE(error == 0);
    }
    ~JournalSocket() { std::filesystem::remove(kPath); }
    JournalSocket(const JournalSocket&) = delete;
    JournalSocket& operator=(const JournalSocket&) = delete;

    // The next entry, one field a line; empty when there is none.
    std::string next() const {
        std::string entry(64 * KiB, '\0');
        const ssize_t size = ::recv(fd_.get(), entry.data(), entry.size(), 0);
        entry.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return entry;
    }

private:
    static constexpr std::string_view kPath = "/run/systemd/journal/socket";
    Fd fd_;
};

transfer::JobRecord web_job() {
    transfer::JobRecord job;
    job.number = 7;
    job.verb = "pull-tar";
    job.image_class = "machine";
    job.name = "web";
    job.source = "https://h/web.tar";
    job.uid = 1000;
    return job;
}

} // namespace

TEST_CASE("levels and targets have the words of LogControl1", "[jobs][log]") {
    for (int number = 0; number < 8; ++number) {
        const auto priority = static_cast<Priority>(number);
        CHECK(find_priority(word(priority)) == priority);
        CHECK(find_priority(std::to_string(number)) == priority);
    }
    CHECK(word(Priority::Err) == "err");
    CHECK_FALSE(find_priority("8"));
    CHECK_FALSE(find_priority("loud"));
    for (const LogTarget target :
         {LogTarget::Auto, LogTarget::Console, LogTarget::Journal, LogTarget::Null}) {
        CHECK(find_log_target(word(target)) == target);
    }
    CHECK_FALSE(find_log_target("syslog"));
}

TEST_CASE("without a journal the log is lines on standard error", "[jobs][log]") {
    const CapturedStderr err;
    ::unsetenv("JOURNAL_STREAM");
    Journal journal("slipway-importd");
    journal.write(Priority::Info, "one", {{"SLIPWAY_JOB", "7"}});
    journal.write(Priority::Debug, "not at this level");
    journal.set_level(Priority::Debug);
    journal.write(Priority::Debug, "two");
    journal.write(Priority::Err, "forged\nslipway-importd: \x1b[31mline");
    CHECK(err.text() == "slipway-importd: one\nslipway-importd: two\n"
                        "slipway-importd: forged\\nslipway-importd: \\x1b[31mline\n");
}

TEST_CASE("where standard error is the journal's, entries have fields", "[jobs][log]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const JournalSocket socket;
    const CapturedStderr err;
    ::setenv("JOURNAL_STREAM", err.stream().c_str(), 1);
    Journal journal("slipway-importd");
    ::unsetenv("JOURNAL_STREAM");

    journal.write(Priority::Warning, "one", {{"SLIPWAY_JOB", "7"}});
    CHECK(socket.next() ==
          "MESSAGE=one\nPRIORITY=4\nSYSLOG_IDENTIFIER=slipway-importd\nSLIPWAY_JOB=7\n");
    CHECK(err.text().empty());

    journal.set_target(LogTarget::Console);
    journal.write(Priority::Info, "two");
    CHECK(socket.next().empty());
    CHECK(err.text() == "slipway-importd: two\n");
    journal.set_target(LogTarget::Null);
    journal.write(Priority::Emerg, "three");
    CHECK(socket.next().empty());
    CHECK(err.text() == "slipway-importd: two\n");
}

TEST_CASE("a JOURNAL_STREAM that is not ours changes nothing", "[jobs][log]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const JournalSocket socket;
    const CapturedStderr err;
    for (const char* stream : {"", "1", "1:", "8:12", "x:y", ":"}) {
        ::setenv("JOURNAL_STREAM", stream, 1);
        Journal("p").write(Priority::Info, "line");
    }
    ::unsetenv("JOURNAL_STREAM");
    CHECK(socket.next().empty());
    const std::string text = err.text();
    CHECK(std::count(text.begin(), text.end(), '\n') == 6);
}

TEST_CASE("the journal can be asked for, and standard error takes over where there is none",
          "[jobs][log]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const CapturedStderr err;
    Journal journal("p");
    journal.set_target(LogTarget::Journal);
    {
        const JournalSocket socket;
        journal.write(Priority::Info, "one");
        CHECK_THAT(socket.next(), contains("MESSAGE=one\n"));
    }
    journal.write(Priority::Info, "two");
    CHECK(err.text() == "p: two\n");
}

TEST_CASE("the log tells a job from queue to end", "[jobs][log]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const JournalSocket socket;
    Journal journal("p");
    journal.set_target(LogTarget::Journal);
    JobLog log(journal);
    transfer::JobRecord job = web_job();

    log.queued(job);
    std::string entry = socket.next();
    CHECK_THAT(entry, contains("MESSAGE=job 7 (pull-tar 'web'): queued from 'https://h/web.tar' "
                               "for user 1000\nPRIORITY=6\n"));
    CHECK_THAT(entry, contains("\nSLIPWAY_JOB=7\nSLIPWAY_VERB=pull-tar\nSLIPWAY_CLASS=machine\n"
                               "SLIPWAY_UID=1000\nSLIPWAY_NAME=web\n"));

    job.state = transfer::JobState::Running;
    job.attempts = 2;
    log.event(job, transfer::Started{}, "");
    CHECK_THAT(socket.next(), contains("job 7 (pull-tar 'web'): started, for the 2. time\n"));
    log.event(job, transfer::Progress{}, "");
    log.event(job, transfer::StageEntered{"download"}, "");
    CHECK(socket.next().empty());
    log.event(job, transfer::LogLine{transfer::LogLevel::Warning, "the server stalls"}, "");
    CHECK_THAT(socket.next(), contains("job 7 (pull-tar 'web'): the server stalls\nPRIORITY=4\n"));
    log.event(job, transfer::VerdictReached{"signed", "signed by X", "ABCD", "sha256", "12ef"}, "");
    entry = socket.next();
    CHECK_THAT(entry, contains("verdict signed: signed by X\n"));
    CHECK_THAT(entry, contains("SLIPWAY_VERDICT=signed\nSLIPWAY_KEY=ABCD\nSLIPWAY_DIGEST=12ef\n"));
    log.queued(job); // found running at the start
    CHECK_THAT(socket.next(), contains("job 7 (pull-tar 'web'): still runs"));
}

TEST_CASE("each way to end has its message id and its urgency", "[jobs][log]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    struct Row {
        transfer::JobState state;
        std::string_view id;
        const char* says;
    };
    const std::vector<Row> rows{
        {transfer::JobState::Done, kJobDoneId, "): done: stored\nPRIORITY=6\n"},
        {transfer::JobState::Failed, kJobFailedId, "): failed: stored\nPRIORITY=4\n"},
        {transfer::JobState::Canceled, kJobCanceledId, "): canceled: stored\nPRIORITY=6\n"},
    };
    const JournalSocket socket;
    Journal journal("p");
    journal.set_target(LogTarget::Journal);
    JobLog log(journal);
    for (const Row& row : rows) {
        transfer::JobRecord job = web_job();
        job.state = row.state;
        job.end = transfer::Ended{.text = "stored"};
        log.ended(job);
        const std::string entry = socket.next();
        INFO(entry);
        CHECK_THAT(entry, contains(row.says));
        CHECK_THAT(entry, contains("\nMESSAGE_ID=" + std::string(row.id) + "\n"));
        CHECK_THAT(entry,
                   contains("\nSLIPWAY_RESULT=" + std::string(transfer::word(row.state)) + "\n"));
    }
}
