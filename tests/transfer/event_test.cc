// Events to JSON and back.

#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/event.hh"

using namespace slipway;
using namespace slipway::transfer;

namespace {

template <typename Kept>
Kept again(const Kept& event) {
    return std::get<Kept>(parse_event(to_json(event)));
}

} // namespace

TEST_CASE("an event comes out of its JSON as it went in", "[transfer][event]") {
    const Started started = again(Started{"0123456789abcdef", "pull-tar", "web", "http://h/w.tar"});
    CHECK(started.id == "0123456789abcdef");
    CHECK(started.verb == "pull-tar");
    CHECK(started.name == "web");
    CHECK(started.source == "http://h/w.tar");

    CHECK(again(StageEntered{"sync"}).stage == "sync");

    const Progress progress = again(Progress{"download", 1, 2, 3, 4, 5});
    CHECK(progress.stage == "download");
    CHECK(progress.done_bytes == 1);
    CHECK(progress.total_bytes == 2);
    CHECK(progress.rate == 3);
    CHECK(progress.entries == 4);
    CHECK(progress.unpacked_bytes == 5);
    CHECK_FALSE(again(Progress{"download", 1, 2, 3, std::nullopt, 5}).entries); // a disk's

    const LogLine line = again(LogLine{LogLevel::Warning, "'a\\nb' is odd"});
    CHECK(line.level == LogLevel::Warning);
    CHECK(line.text == "'a\\nb' is odd");

    const VerdictReached verdict = again(VerdictReached{"verified", "text", "KEY", "sha256", "ab"});
    CHECK(verdict.word == "verified");
    CHECK(verdict.text == "text");
    CHECK(verdict.key == "KEY");
    CHECK(verdict.algorithm == "sha256");
    CHECK(verdict.digest == "ab");

    const disk::BootWays ways{{true, "file-system", "the whole disk is one ext4 file system"},
                              {false, "no-loader", "there is no EFI system partition"},
                              {"uefi", "bios"}};
    CHECK(again(DiskInspected{ways}).boots == ways);

    Ended ended{.outcome = Outcome::Canceled, .status = 143};
    ended.kind = "other";
    ended.verdict = "unsigned";
    ended.text = "text";
    ended.name = "web";
    ended.path = "/p/web";
    ended.type = "directory";
    ended.digest = "ab";
    ended.siblings = {"web.nspawn", "web.verity"};
    const Ended read = again(ended);
    CHECK(read.outcome == Outcome::Canceled);
    CHECK(read.status == 143);
    CHECK(read.kind == "other");
    CHECK(read.verdict == "unsigned");
    CHECK(read.text == "text");
    CHECK(read.siblings == ended.siblings);
    CHECK(read.name == "web");
    CHECK(read.path == "/p/web");
    CHECK(read.type == "directory");
    CHECK(read.digest == "ab");
}

TEST_CASE("an event is one line, whatever its text holds", "[transfer][event]") {
    CHECK(to_json(LogLine{LogLevel::Notice, "a\nb\xFF"}) ==
          R"({"event":"log","level":"notice","text":"a\nb\\xff"})");
    CHECK(to_json(StageEntered{"sync"}) == R"({"event":"stage","stage":"sync"})");
}

TEST_CASE("what is no event is refused as a fault of ours", "[transfer][event]") {
    for (const char* text :
         {"", "{", "[]", "7", "{}", R"({"event":7})", R"({"event":"dance"})",
          R"({"event":"log","level":"loud","text":""})", R"({"event":"end","outcome":"done"})",
          R"({"event":"start","protocol":2})"}) {
        CAPTURE(text);
        try {
            parse_event(text);
            FAIL_CHECK("it was accepted");
        } catch (const Error& error) {
            CHECK(error.kind() == Kind::Internal);
        }
    }
}
