// Chance with a seed, and shots spread evenly over stages and programs.

#include "tests/e2e/shooting.hh"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <thread>
#include <variant>
#include <vector>

namespace slipway::tests {
namespace {

using namespace std::chrono_literals;

using Names = std::vector<std::string>;

// Those that live from a job's first moment to its last.
const Names kLasting{"slipway-transfer", "slipway"};

Names busy_in(const std::string& stage) {
    Names names = kLasting;
    if (stage == "verify") {
        names.insert(names.end(), {"slipway-fetch", "slipway-check"});
    } else if (stage != "sync" && stage != "commit") {
        names.insert(names.end(), {"slipway-fetch", "slipway-unpack"});
    }
    return names;
}

unsigned number_from(const char* variable, unsigned fallback) {
    const char* text = std::getenv(variable);
    return text == nullptr ? fallback : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

bool is_unpacking(const transfer::Progress& progress) {
    return progress.stage != "siblings" &&
           (progress.entries.value_or(0) > 0 || progress.unpacked_bytes > 0);
}

std::optional<pid_t> find_process(const RunningJob& job, const std::string& name) {
    if (name == "slipway") {
        return job.pid();
    }
    return name == "slipway-transfer" ? job.find_keeper() : job.find_child(name);
}

Victim pick_victim(const RunningJob& job, const Names& names, Counts& shots_at) {
    Victim picked;
    for (const std::string& name : names) {
        const std::optional<pid_t> pid = find_process(job, name);
        if (pid && (picked.pid == 0 || shots_at[name] < shots_at[picked.name])) {
            picked = {name, *pid};
        }
    }
    return picked;
}

} // namespace

unsigned planned_kills() {
    return number_from("SLIPWAY_KILLS", 20);
}

Dice::Dice() : seed_(number_from("SLIPWAY_SEED", std::random_device{}())), random_(seed_) {
    std::cout << "SLIPWAY_SEED=" << seed_ << std::endl;
}

unsigned Dice::below(unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, std::max(end, 1U) - 1)(random_);
}

void Dice::pause(unsigned most_us) {
    std::this_thread::sleep_for(std::chrono::microseconds(below(most_us)));
}

void bring_to(RunningJob& job, const Aim& aim) {
    if (aim.stage == "unpack") {
        job.wait_for([](const transfer::Event& event) {
            const auto* progress = std::get_if<transfer::Progress>(&event);
            return progress != nullptr && is_unpacking(*progress);
        });
    } else {
        job.wait_for_stage(aim.stage);
    }
    if (aim.stage == "verify") { // slipway-check lives for moments only
        const auto deadline = std::chrono::steady_clock::now() + 2s;
        while (!job.find_child("slipway-check") && std::chrono::steady_clock::now() < deadline) {
        }
    }
}

Aim& pick_aim(std::span<Aim> aims, Counts& stages) {
    return *std::min_element(aims.begin(), aims.end(), [&stages](const Aim& one, const Aim& other) {
        return stages[one.stage] < stages[other.stage];
    });
}

Victim lie_in_wait(RunningJob& job, const Aim& aim, Dice& dice, Counts& shots_at) {
    const Names names = busy_in(aim.stage);
    Victim victim;
    if (names == kLasting) { // found before: the stage is shorter than looking for a process
        job.wait_for([](const transfer::Event& event) {
            return std::holds_alternative<transfer::Started>(event);
        });
        victim = pick_victim(job, names, shots_at);
    }
    bring_to(job, aim);
    dice.pause(aim.spread_us);
    if (victim.pid == 0) {
        victim = pick_victim(job, names, shots_at);
    }
    if (victim.pid != 0) {
        ++shots_at[victim.name];
    }
    return victim;
}

std::string stage_of_hit(const FinishedJob& job) {
    const auto progress = job.all<transfer::Progress>();
    const std::string stage = job.last_stage();
    if (stage == "download" && !progress.empty() && is_unpacking(progress.back())) {
        return "unpack";
    }
    return stage;
}

bool was_hit(const FinishedJob& job) {
    return !job.ended || job.text().find("killed by signal 9") != std::string::npos;
}

void print(const std::string& what, const Counts& counts) {
    std::cout << what;
    for (const auto& [name, count] : counts) {
        std::cout << ' ' << name << ' ' << count;
    }
    std::cout << std::endl;
}

} // namespace slipway::tests
