// The promises that every stage keeps, whatever it does with the bytes: run over each codec, the
// digest and the pipe.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/stream/streams.hh"

namespace slipway::tests {

/// Carries everything from a source to a sink and finishes it.
using Stage = std::function<void(stream::Source&, stream::Sink&)>;

struct StageCase {
    std::string name;
    Stage stage;
    std::string input;
    std::string output;
    bool has_end_mark = false; ///< a cut input is an error
};

namespace contract {

inline std::string run(const Stage& stage, const std::string& input,
                       std::vector<std::size_t> pieces, std::size_t room_bytes) {
    TestSource in(input, std::move(pieces));
    TestSink out(room_bytes);
    stage(in, out);
    CHECK(out.finished());
    return out.text();
}

/// Any cutting of input and output gives the same output.
inline void any_cutting(const StageCase& c) {
    const std::vector<std::vector<std::size_t>> cuttings = {
        {1}, {2}, {3, 1}, {7, 1, 64}, {4096}, {65536, 1}, {1 << 20}};
    for (const auto& pieces : cuttings) {
        INFO("pieces of " << pieces.front() << " bytes");
        REQUIRE(run(c.stage, c.input, pieces, 64 * KiB) == c.output);
    }
    for (const std::size_t room : {1, 2, 13, 4095, 1 << 20}) {
        INFO("rooms of " << room << " bytes");
        REQUIRE(run(c.stage, c.input, {1 << 20}, room) == c.output);
    }
    REQUIRE(run(c.stage, c.input, {1}, 1) == c.output);
}

/// Nothing comes, nothing goes, and the sink is finished.
inline void empty_input(const StageCase& c) {
    CHECK(run(c.stage, "", {1}, 16).empty());
}

/// Cut anywhere: an error where there is an end mark; never a finished sink then, and what was
/// written before is the beginning of the output.
inline void cut_input(const StageCase& c) {
    const std::size_t step = std::max<std::size_t>(1, c.input.size() / 97);
    for (std::size_t size = 8; size < c.input.size(); size += step) {
        INFO("cut after " << size << " bytes");
        TestSource in(c.input.substr(0, size), {4096});
        TestSink out;
        if (c.has_end_mark) {
            REQUIRE_THROWS_AS(c.stage(in, out), Error);
            REQUIRE(!out.finished());
        } else {
            c.stage(in, out);
            REQUIRE(out.finished());
        }
        REQUIRE(c.output.starts_with(out.text()));
    }
}

/// Whether the sink's error came through.
inline bool fails(const StageCase& c, TestSource& in, TestSink& out) {
    try {
        c.stage(in, out);
    } catch (const SinkFailed&) {
        return true;
    }
    return false;
}

/// The next sink fails at its first, second, … call: its error comes through as it is. A decoder
/// with threads cuts its output as they get ready: another time it may need fewer calls.
inline void next_sink_fails(const StageCase& c) {
    TestSource whole(c.input, {4096});
    TestSink counting(4096);
    c.stage(whole, counting);
    const std::uint64_t calls = counting.calls();
    const std::uint64_t step = std::max<std::uint64_t>(1, calls / 37);
    for (std::uint64_t call = 0; call < calls; call += call + 1 < calls ? step : 1) {
        INFO("call " << call << " of " << calls);
        TestSource in(c.input, {4096});
        TestSink out(4096);
        out.fail_at_call(call);
        if (fails(c, in, out)) {
            REQUIRE(!out.finished());
        } else {
            REQUIRE(out.calls() <= call);
            REQUIRE(out.finished());
            REQUIRE(out.text() == c.output);
        }
    }
}

/// Abandoned half-way by a cancellation from its source: nothing is finished, nothing hangs.
inline void destroyed_half_way(const StageCase& c) {
    for (const std::size_t part : {0, 1, 2, 3}) {
        TestSource in(c.input, {1000});
        in.cancel_after(c.input.size() * part / 4);
        TestSink out;
        REQUIRE_THROWS_AS(c.stage(in, out), Canceled);
        REQUIRE(!out.finished());
    }
}

} // namespace contract

inline void check_stage_contract(const StageCase& c) {
    INFO("stage: " << c.name);
    contract::any_cutting(c);
    contract::empty_input(c);
    contract::cut_input(c);
    contract::next_sink_fails(c);
    contract::destroyed_half_way(c);
}

} // namespace slipway::tests
