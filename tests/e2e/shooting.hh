// kill -9 at random moments: where a job is brought, and which of its programs is hit. The seed is
// printed; SLIPWAY_SEED repeats a run, SLIPWAY_KILLS=100 makes it the full one.

#pragma once

#include <map>
#include <random>
#include <span>
#include <string>

#include <sys/types.h>

#include "tests/e2e/running_job.hh"

namespace slipway::tests {

/// How many shots a run has.
unsigned planned_kills();

/// Random moments that a printed number brings back.
class Dice {
public:
    Dice();
    unsigned below(unsigned end);
    void pause(unsigned most_us);

private:
    unsigned seed_;
    std::mt19937 random_;
};

/// Where a shot is aimed: how the job is brought there, and for how long it stays about there. Each
/// miss should halve that time: how fast a job is depends on the machine.
struct Aim {
    std::string stage; ///< of the protocol; "unpack": the first bytes are written
    unsigned spread_us;
};

/// Reads the job's events until it is there. @throws when it ends before
void bring_to(RunningJob& job, const Aim& aim);

using Counts = std::map<std::string, unsigned>;

/// The aim whose stage was hit least so far.
Aim& pick_aim(std::span<Aim> aims, Counts& stages);

struct Victim {
    std::string name;
    pid_t pid = 0;
};
/// Brings the job to where it is aimed, and waits for a moment. The victim is the program that was
/// shot at least so far of those that have something to do there: the death of another one ends
/// nothing. Its pid is 0 when none of them runs any more.
Victim lie_in_wait(RunningJob& job, const Aim& aim, Dice& dice, Counts& shots_at);

/// The stage that a job was in when it was shot, from what it had said by then.
std::string stage_of_hit(const FinishedJob& job);
/// Whether the shot is what ended it.
bool was_hit(const FinishedJob& job);

void print(const std::string& what, const Counts& counts);

} // namespace slipway::tests
