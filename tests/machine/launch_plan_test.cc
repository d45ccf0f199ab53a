// Plans, compared whole with those in testdata/plans.

#include "base/error.hh"
#include "machine/launch_plan.hh"
#include "tests/catch.hh"
#include "tests/machine/plan_case.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::machine;
using namespace slipway::tests;

TEST_CASE("a specification on a host gives exactly the plan of its case", "[machine]") {
    const auto files = plan_case_files();
    REQUIRE(files.size() >= 20);
    for (const auto& file : files) {
        INFO(file.filename().string());
        const PlanCase plan_case = read_plan_case(file);
        const std::string plan = plan_of(plan_case);
        if (std::getenv("SLIPWAY_WRITE_PLANS") != nullptr) {
            write_file(file, plan_case.given + "--- plan\n" + plan);
        } else {
            CHECK(plan == plan_case.expected);
        }
    }
}

// Of all cases at once: what no machine may be started with, or without.
TEST_CASE("no plan trusts a file by the engine's word, or leaves the network to chance",
          "[machine]") {
    for (const auto& file : plan_case_files()) {
        INFO(file.filename().string());
        const PlanCase plan_case = read_plan_case(file);
        std::string plan = plan_of(plan_case);
        plan.erase(std::min(plan.find("argument --\n"), plan.size())); // the machine's own words
        CHECK(plan.find("--settings=trusted") == plan.npos);
        CHECK(plan.find("argument -x") == plan.npos);
        CHECK(plan.find("argument --ephemeral") == plan.npos);
        CHECK(plan.find("argument -U\n") == plan.npos);
        if (plan.find("argument --machine=") == plan.npos) {
            continue; // refused, or the host's own unit
        }
        CHECK(plan.find("argument --settings=no\n") != plan.npos);
        CHECK(plan.find("argument --private-users=") != plan.npos);
        const bool is_host = plan.find("argument --network-") == plan.npos &&
                             plan.find("argument --private-network\n") == plan.npos;
        CHECK(is_host == file.filename().string().starts_with("network-host"));
    }
}

TEST_CASE("the engine is systemd's where that runs", "[machine]") {
    HostFacts host;
    host.runs_systemd = true;
    host.nspawn = "/usr/bin/systemd-nspawn";
    host.systemd_version = 252;
    CHECK(choose_engine({}, host) == EngineKind::NspawnUnit);
    MachineSpec spec;
    spec.ephemeral = true;
    CHECK(choose_engine(spec, host) == EngineKind::NspawnDirect);
    spec = {};
    spec.mode = Mode::Command;
    CHECK(choose_engine(spec, host) == EngineKind::NspawnDirect);
    host.runs_systemd = false;
    CHECK(choose_engine({}, host) == EngineKind::NspawnDirect);
    host.nspawn.clear();
    CHECK_THROWS_WITH(choose_engine({}, host), contains("install the package systemd-container"));
}

TEST_CASE("an engine is called by its word", "[machine]") {
    CHECK(parse_engine("nspawn-unit") == EngineKind::NspawnUnit);
    CHECK(parse_engine("nspawn-direct") == EngineKind::NspawnDirect);
    CHECK(word(EngineKind::NspawnDirect) == "nspawn-direct");
    CHECK_THROWS_WITH(parse_engine("podman"), contains("there is no engine 'podman'"));
}
