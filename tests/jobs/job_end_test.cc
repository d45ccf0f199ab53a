// What the end of a keeper means for its job, as a table.

#include <csignal>

#include "jobs/job_end.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::jobs;
using transfer::Ended;
using transfer::Outcome;

namespace {

KeeperEnd said(Outcome outcome, int status) {
    KeeperEnd end;
    end.said = Ended{.outcome = outcome, .status = status, .text = "its words"};
    return end;
}

KeeperEnd died(ChildExit exit) {
    KeeperEnd end;
    end.exit = exit;
    return end;
}

// "done 0", "failed 1: …", "again".
std::string show(const std::variant<Ended, TakeUpAgain>& next) {
    const auto* end = std::get_if<Ended>(&next);
    return end == nullptr ? "again"
                          : fmt::format("{} {}", transfer::word(state_of(*end)), end->status);
}

std::string text_of(const std::variant<Ended, TakeUpAgain>& next) {
    return std::get<Ended>(next).text;
}

} // namespace

TEST_CASE("a keeper's own word ends its job", "[jobs][job]") {
    CHECK(show(judge_end({}, said(Outcome::Done, 0), true)) == "done 0");
    CHECK(show(judge_end({}, said(Outcome::Done, 0), false)) == "done 0");
    CHECK(show(judge_end({}, said(Outcome::Failed, 8), true)) == "failed 8");
    StoredJob wanted;
    wanted.cancel_wanted = true; // too late
    CHECK(show(judge_end(wanted, said(Outcome::Done, 0), true)) == "done 0");
    CHECK(show(judge_end(wanted, said(Outcome::Canceled, 143), true)) == "canceled 9");
}

TEST_CASE("a keeper that stopped without being asked is taken up again", "[jobs][job]") {
    CHECK(show(judge_end({}, said(Outcome::Canceled, 143), true)) == "again");
    CHECK(show(judge_end({}, {}, false)) == "again"); // found dead
    StoredJob often;
    often.record.attempts = 5;
    CHECK(show(judge_end(often, said(Outcome::Canceled, 143), true)) == "failed 1");
}

TEST_CASE("K5: a keeper that died before our eyes fails its job, with how it died", "[jobs][job]") {
    const auto killed = judge_end({}, died({true, SIGKILL}), true);
    CHECK(show(killed) == "failed 1");
    CHECK_THAT(text_of(killed), contains("was killed by signal 9 (Killed)"));
    const auto exited = judge_end({}, died({false, 3}), true);
    CHECK_THAT(text_of(exited), contains("exited with status 3"));
    KeeperEnd last_words = died({true, SIGABRT});
    last_words.errors = "terminate called\x1b[31m";
    CHECK_THAT(text_of(judge_end({}, last_words, true)), contains(R"(terminate called\x1b)"));
    CHECK_THAT(text_of(judge_end({}, {}, true)), contains("ended without saying why"));
}

TEST_CASE("K5: a keeper that spoke nonsense fails its job, and is not taken up again",
          "[jobs][job]") {
    KeeperEnd end = died({false, 143});
    end.broken = "slipway-transfer said 'x', which is no event of a job";
    for (const bool witnessed : {false, true}) {
        const auto next = judge_end({}, end, witnessed);
        CHECK(show(next) == "failed 1");
        CHECK_THAT(text_of(next), contains("no event of a job"));
    }
}

TEST_CASE("B11: a job that read a descriptor cannot be taken up again", "[jobs][job]") {
    StoredJob import;
    import.has_input = true;
    CHECK_THAT(text_of(judge_interrupted(import)), contains("cannot be opened again"));
    CHECK(show(judge_end(import, {}, false)) == "failed 1");
}

TEST_CASE("K5: what a job that died leaves is said as it is", "[jobs][job]") {
    const auto left = [](const char* verb) {
        StoredJob job;
        job.record.verb = verb;
        return text_of(judge_end(job, died({true, SIGKILL}), true));
    };
    CHECK_THAT(left("pull-tar"), contains("images are untouched"));
    CHECK_THAT(left("clone"), contains("images are untouched"));
    CHECK_THAT(left("export-tar"), contains("is not whole"));
    CHECK_THAT(left("rename"), contains("the next job in the pool brings to its end"));
    CHECK_THAT(left("remove"), contains("the next job in the pool brings to its end"));
    CHECK_THAT(left("read-only"), contains("as it was, or as it was to be"));
    StoredJob exporting;
    exporting.record.verb = "export-raw";
    exporting.has_input = true;
    CHECK_THAT(text_of(judge_interrupted(exporting)), contains("export it again"));
    CHECK_THAT(canceled_in_queue(exporting).text, contains("nothing was written"));
}

TEST_CASE("B9: a job that was to be canceled is canceled, whatever killed its keeper",
          "[jobs][job]") {
    StoredJob wanted;
    wanted.cancel_wanted = true;
    CHECK(show(judge_end(wanted, died({true, SIGKILL}), true)) == "canceled 9");
    CHECK(show(judge_end(wanted, {}, false)) == "canceled 9");
    CHECK(show(judge_interrupted(wanted)) == "canceled 9");
    CHECK(canceled_in_queue({}).status == 9);
}
