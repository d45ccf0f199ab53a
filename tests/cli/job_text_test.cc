// The words for events.

#include "cli/job_text.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::cli;
using transfer::LogLevel;
using Sentences = std::vector<Sentence>;

namespace {

const transfer::Started kPull{"0123456789abcdef", "pull-tar", "web", "https://h/web.tar.xz?t=…"};
const transfer::Started kImport{"0123456789abcdef", "import-tar", "web", "/tmp/web.tar"};
const transfer::Started kRemove{"0123456789abcdef", "remove", "web", ""};

transfer::Ended done() {
    transfer::Ended end;
    end.outcome = transfer::Outcome::Done;
    end.status = 0;
    end.name = "web";
    end.path = "/p/web";
    return end;
}

} // namespace

TEST_CASE("a transfer speaks as machinectl's do", "[cli][text]") {
    CHECK(sentences(kPull, kPull) ==
          Sentences{{LogLevel::Info, "Pulling 'https://h/web.tar.xz?t=…', saving as 'web'."}});
    CHECK(sentences(kImport, kImport) ==
          Sentences{{LogLevel::Info, "Importing '/tmp/web.tar', saving as 'web'."}});
    CHECK(sentences(done(), kPull) ==
          Sentences{{LogLevel::Info, "Created new local image 'web'."},
                    {LogLevel::Info, "Operation completed successfully."}});
}

TEST_CASE("a pull that only looks says what it would have done", "[cli][text]") {
    transfer::Ended end = done();
    end.path.clear();
    end.text = "'web' would be stored in '/p' as a tree";
    CHECK(sentences(end, kPull) ==
          Sentences{{LogLevel::Info, "'web' would be stored in '/p' as a tree."}});
}

TEST_CASE("what is only verified is no image of ours", "[cli][text][verify]") {
    const transfer::Started start{"", "verify", "a.img", "http://h/a.img"};
    CHECK(sentences(start, start) == Sentences{{LogLevel::Info, "Verifying 'http://h/a.img'."}});
    CHECK(sentences(transfer::VerdictReached{"verified", "verified", "", "", ""}, start).empty());
    CHECK(sentences(done(), start).empty());
}

TEST_CASE("of a directory is told how it was brought in", "[cli][text]") {
    const transfer::Started start{"", "import-fs", "web", "/srv/web"};
    transfer::Ended end = done();
    end.text = "stored '/p/web' as a subvolume: a snapshot of '/srv/web'";
    CHECK(sentences(start, start) ==
          Sentences{{LogLevel::Info, "Importing '/srv/web', saving as 'web'."}});
    CHECK(sentences(end, start) ==
          Sentences{{LogLevel::Info, "stored '/p/web' as a subvolume: a snapshot of '/srv/web'."},
                    {LogLevel::Info, "Created new local image 'web'."},
                    {LogLevel::Info, "Operation completed successfully."}});
}

TEST_CASE("an import from a pipe names no file", "[cli][text]") {
    const transfer::Started start{"", "import-tar", "web", "-"};
    CHECK(sentences(start, start) ==
          Sentences{{LogLevel::Info, "Importing standard input, saving as 'web'."}});
}

TEST_CASE("a removal that worked says nothing", "[cli][text]") {
    CHECK(sentences(kRemove, kRemove).empty());
    CHECK(sentences(done(), kRemove).empty());
}

TEST_CASE("verdicts and log lines are told as they are", "[cli][text]") {
    transfer::VerdictReached verdict;
    verdict.text = "verified: SHA-256, signed by 7D8D… Ubuntu Cloud Image Builder";
    CHECK(sentences(verdict, kPull) == Sentences{{LogLevel::Info, verdict.text}});
    CHECK(sentences(transfer::LogLine{LogLevel::Warning, "2 sockets skipped"}, kPull) ==
          Sentences{{LogLevel::Warning, "2 sockets skipped"}});
}

TEST_CASE("what another program says cannot colour a terminal or forge a line", "[cli][text]") {
    CHECK(sentences(transfer::LogLine{LogLevel::Info, "\x1b[2J\nslipway: done"}, kPull) ==
          Sentences{{LogLevel::Info, "\\x1b[2J\\nslipway: done"}});
}

TEST_CASE("a failure is not told twice", "[cli][text]") {
    transfer::Ended failed;
    failed.text = "it did not work";
    CHECK(sentences(failed, kPull).empty());
    CHECK(sentences(transfer::StageEntered{"sync"}, kPull).empty());
    CHECK(sentences(transfer::Progress{}, kPull).empty());
}

TEST_CASE("progress in a log has the words of systemd-pull", "[cli][text]") {
    transfer::Progress progress{"download", 30'000'000, 1'000'000'000, 7'400'000, 0, 0};
    CHECK(progress_sentence(progress, kPull) ==
          "Got 3% of https://h/web.tar.xz?t=…. 2min 11s left at 7.0M/s.");
    CHECK(progress_sentence(progress, kImport) == "Imported 3%. 2min 11s left at 7.0M/s.");
    progress.total_bytes = 0;
    CHECK(progress_sentence(progress, kPull) == "Got 28.6M of https://h/web.tar.xz?t=…. 7.0M/s.");
    progress.rate = 0;
    CHECK(progress_sentence(progress, kImport) == "Imported 28.6M.");
}
