// What has ended, in words.

#include <cstdlib>
#include <ctime>

#include "base/json.hh"
#include "cli/history_list.hh"
#include "tests/catch.hh"
#include "tests/cli/jobs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::string user(std::uint32_t uid) {
    return uid == 0 ? "root" : "somebody";
}

transfer::JobRecord verified_job() {
    transfer::JobRecord job = ended_job(8);
    job.verdict = transfer::VerdictReached{"verified", "verified: SHA-256, signed by 7D8D… Pub",
                                           "7D8D08F6", "sha256", "9c02"};
    job.end->path = "/pool/web";
    job.end->siblings = {"web.nspawn"};
    return job;
}

transfer::JobRecord refused_job() {
    transfer::JobRecord job = ended_job(7, "pulling 'web': no key; nothing was stored");
    job.end->verdict = "unknown-key";
    job.uid = 1000;
    return job;
}

void in_utc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
}

} // namespace

TEST_CASE("the history shows verdict and user, and below a failure its error", "[cli][history]") {
    in_utc();
    const std::vector<transfer::JobRecord> jobs{verified_job(), refused_job()};
    CHECK(cli::history_list(jobs, user, true, false) ==
          "ID ENDED                       TYPE     LOCAL OUTCOME VERDICT     USER     REMOTE\n"
          "8  Mon 2026-09-21 14:13:32 UTC pull-tar web   done    verified    root     "
          "http://h/web.tar.xz\n"
          "7  Mon 2026-09-21 14:13:32 UTC pull-tar web   failed  unknown-key somebody "
          "http://h/web.tar.xz\n"
          "    pulling 'web': no key; nothing was stored\n"
          "\n2 transfers listed.\n");
    CHECK_THAT(cli::history_list(jobs, user, false, false), !contains("no key"));
    CHECK(cli::history_list({}, user, true, false) == "No transfers.\n");
    CHECK(cli::history_list({}, user, false, false).empty());
}

TEST_CASE("one job is shown whole", "[cli][history]") {
    in_utc();
    CHECK(cli::history_entry(verified_job(), user) ==
          "      ID: 8\n"
          "    Type: pull-tar\n"
          "   Class: machine\n"
          "   Local: web\n"
          "  Remote: http://h/web.tar.xz\n"
          " Outcome: done\n"
          "  Result: stored '/pool/web' as a directory\n"
          "  Status: 0\n"
          "    Path: /pool/web\n"
          "Siblings: web.nspawn\n"
          "  Verify: signature\n"
          " Verdict: verified: SHA-256, signed by 7D8D… Pub\n"
          "     Key: 7D8D08F6\n"
          "  Digest: 9c02\n"
          "    User: root (0)\n"
          "  Queued: Mon 2026-09-21 14:13:20 UTC\n"
          " Started: Mon 2026-09-21 14:13:20 UTC\n"
          "   Ended: Mon 2026-09-21 14:13:32 UTC\n"
          "Attempts: 1, 12.5 s\n");
    const std::string refused = cli::history_entry(refused_job(), user);
    CHECK_THAT(refused, contains("   Error: pulling 'web': no key; nothing was stored\n") &&
                            contains("  Status: 11\n") && contains(" Verdict: unknown-key\n") &&
                            contains("    User: somebody (1000)\n") && !contains("Key:"));
}

TEST_CASE("what others wrote cannot colour the history or forge a line of it", "[cli][history]") {
    transfer::JobRecord job = refused_job();
    job.source = "http://h/\x1b[31m";
    job.end->text = "no\nkey";
    for (const std::string& shown :
         {cli::history_list({job}, user, true, false), cli::history_entry(job, user)}) {
        CHECK_THAT(shown, contains("http://h/\\x1b[31m") && contains("no\\nkey"));
    }
}

TEST_CASE("the history as JSON is the protocol's", "[cli][history]") {
    const std::string list = cli::jobs_json({verified_job()}, true);
    CHECK(transfer::parse_job_records(list).at(0).verdict->key == "7D8D08F6");
    CHECK(transfer::parse_job_record(cli::job_json(refused_job(), false)).end->status == 11);
}

TEST_CASE("a user without a name is a number", "[cli][history]") {
    CHECK(cli::user_name(0) == "root");
    CHECK(cli::user_name(4'000'000'007) == "4000000007");
}
