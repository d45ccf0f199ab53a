// Exit status and error line of every way in which a job can end.

#include <csignal>

#include "base/outcome.hh"
#include "cli/job_status.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::cli;

namespace {

JobEnd ended(transfer::Outcome outcome, int status, std::string text, int signal = 0) {
    JobEnd end;
    end.name = "web";
    end.ended.emplace();
    end.ended->outcome = outcome;
    end.ended->status = status;
    end.ended->text = std::move(text);
    end.signal = signal;
    return end;
}

} // namespace

TEST_CASE("status 0 is for a job that is done, and for nothing else", "[cli][status]") {
    using transfer::Outcome;
    CHECK(job_status(ended(Outcome::Done, 0, "")) == JobStatus{0, ""});
    // A C-c that came too late changes nothing.
    CHECK(job_status(ended(Outcome::Done, 0, "", SIGINT)) == JobStatus{0, ""});
    CHECK(job_status(ended(Outcome::Failed, 0, "no")) == JobStatus{1, "no"});
    CHECK(job_status(ended(Outcome::Canceled, 0, "")) == JobStatus{9, "canceled"});
}

TEST_CASE("a failure keeps its status and its sentence", "[cli][status]") {
    using transfer::Outcome;
    CHECK(job_status(ended(Outcome::Failed, 11, "pulling 'web': no key")) ==
          JobStatus{11, "pulling 'web': no key"});
    CHECK(job_status(ended(Outcome::Failed, 7, "disk full", SIGTERM)) == JobStatus{7, "disk full"});
    CHECK(job_status(ended(Outcome::Failed, 1, "")) ==
          JobStatus{1, "slipway-transfer gave no reason why 'web' failed"});
}

TEST_CASE("K2: a job that a signal canceled ends with the signal's status", "[cli][status]") {
    using transfer::Outcome;
    CHECK(job_status(ended(Outcome::Canceled, 9, "canceled", SIGINT)).status == 130);
    CHECK(job_status(ended(Outcome::Canceled, 9, "canceled", SIGTERM)).status == 143);
    CHECK(job_status(ended(Outcome::Canceled, 9, "canceled", SIGHUP)).status == 129);
    CHECK(job_status(ended(Outcome::Canceled, 9, "canceled")).status == kExitCanceled);
}

TEST_CASE("K5: a keeper that died is one line with its signal or status", "[cli][status]") {
    JobEnd end;
    end.name = "web";
    end.keeper = {true, SIGKILL};
    CHECK(job_status(end) ==
          JobStatus{1,
                    "slipway-transfer was killed by signal 9 (Killed) without saying how the job "
                    "ended. Whether 'web' is stored, list-images shows; what is half made stays "
                    "hidden until the next transfer removes it"});
    end.keeper = {false, 127};
    end.keeper_stderr = "first\nslipway-transfer: cannot load \x1b[31mlibfmt\n";
    CHECK_THAT(job_status(end).error,
               contains("exited with status 127 without saying how the job ended: "
                        "slipway-transfer: cannot load \\x1b[31mlibfmt. Whether"));
    end.broken = "slipway-transfer said 'x', which is no event of a job";
    CHECK_THAT(job_status(end).error, contains(end.broken + ". Whether 'web' is stored"));
    end.verb = transfer::Verb::ExportTar;
    CHECK_THAT(
        job_status(end).error,
        contains(". Image 'web' is as it was, and what was written is not whole. Export it again"));
    end.verb = transfer::Verb::Rename;
    CHECK_THAT(job_status(end).error, contains(". What 'web' is now, list-images shows; "));
}
