// How often progress is told, and at what rate.

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hh"
#include "base/memfd.hh"
#include "tests/catch.hh"
#include "transfer/report.hh"

using namespace slipway;
using namespace slipway::transfer;
using namespace std::chrono_literals;

namespace {

const RateMeter::Time kStart{1000s};

class Heard {
public:
    Heard() : file_(make_memfd()), writer_(file_.get()), report(writer_) {}

    std::vector<std::string> lines() const {
        const std::string text = read_all(file_.get(), 1 << 20);
        std::vector<std::string> lines;
        std::size_t start = 0;
        for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos;
             start = end + 1) {
            lines.push_back(text.substr(start, end - start));
        }
        return lines;
    }

private:
    Fd file_;
    EventWriter writer_;

public:
    Report report;
};

} // namespace

TEST_CASE("the rate is that of the last five seconds", "[transfer][progress]") {
    RateMeter meter;
    CHECK(meter.rate() == 0);
    meter.add(kStart, 0);
    CHECK(meter.rate() == 0);
    for (int second = 1; second <= 10; ++second) {
        meter.add(kStart + std::chrono::seconds(second), static_cast<std::uint64_t>(second) * 100);
    }
    CHECK(meter.rate() == 100);
    for (int second = 11; second <= 15; ++second) {
        meter.add(kStart + std::chrono::seconds(second), 1000);
    }
    CHECK(meter.rate() == 0);
}

TEST_CASE("a rate without time is none", "[transfer][progress]") {
    RateMeter meter;
    meter.add(kStart, 0);
    meter.add(kStart, 1000);
    CHECK(meter.rate() == 0);
}

TEST_CASE("samples in quick succession take no memory and lose no bytes", "[transfer][progress]") {
    RateMeter meter;
    for (int i = 0; i <= 100'000; ++i) {
        meter.add(kStart + i * 100us, static_cast<std::uint64_t>(i));
    }
    CHECK(meter.rate() == 10'000);
}

TEST_CASE("progress is said at most ten times a second, and once all has come",
          "[transfer][progress]") {
    Heard heard;
    heard.report.stage("download");
    heard.report.expect(1000);
    for (std::uint64_t ms = 0; ms < 1000; ++ms) {
        heard.report.progress(kStart + std::chrono::milliseconds(ms), {ms, 2 * ms, 3});
    }
    CHECK(heard.lines().size() == 1 + 10);
    heard.report.complete(kStart + 1000ms - 1us, {1000, 2000, 3});
    CHECK(heard.lines().back() == R"({"done":1000,"entries":3,"event":"progress","rate":1000,)"
                                  R"("stage":"download","total":1000,"unpacked":2000})");
}

TEST_CASE("a stage is said once while it lasts", "[transfer][progress]") {
    Heard heard;
    heard.report.stage("verify");
    heard.report.stage("verify");
    heard.report.stage("download");
    heard.report.stage("verify");
    CHECK(heard.lines() == std::vector<std::string>{R"({"event":"stage","stage":"verify"})",
                                                    R"({"event":"stage","stage":"download"})",
                                                    R"({"event":"stage","stage":"verify"})"});
}

TEST_CASE("a silent line says how the rate falls", "[transfer][progress]") {
    Heard heard;
    heard.report.stage("download");
    heard.report.progress(kStart, {0, 0, 0});
    heard.report.progress(kStart + 1s, {1000, 0, 0});
    heard.report.idle(kStart + 2s);
    heard.report.idle(kStart + 7s);
    const std::vector<std::string> lines = heard.lines();
    REQUIRE(lines.size() == 5);
    CHECK_THAT(lines[2], contains(R"("rate":1000,)"));
    CHECK_THAT(lines[3], contains(R"("rate":500,)"));
    CHECK_THAT(lines[4], contains(R"("rate":0,)"));
}

TEST_CASE("what starts over counts from nothing", "[transfer][progress]") {
    Heard heard;
    heard.report.stage("download");
    heard.report.expect(100);
    heard.report.progress(kStart, {60, 70, 8});
    heard.report.restart();
    CHECK(heard.report.amounts().packed_bytes == 0);
    heard.report.progress(kStart + 1ms, {1, 2, 3});
    CHECK(heard.lines().back() == R"({"done":1,"entries":3,"event":"progress","rate":0,)"
                                  R"("stage":"download","total":0,"unpacked":2})");
}
