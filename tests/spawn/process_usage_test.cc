// What processes use, measured on our own.

#include <string>
#include <vector>

#include <unistd.h>

#include "base/bytes.hh"
#include "spawn/process_usage.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::spawn;

TEST_CASE("memory and CPU time of processes are summed up", "[spawn]") {
    const std::vector<pid_t> us{::getpid()};
    const ProcessUsage before = usage_of({}, us);
    CHECK(before.memory_bytes > 1 * MiB);
    const std::string ballast(64 * MiB, 'x');
    const auto until = before.cpu + std::chrono::milliseconds(50);
    while (usage_of({}, us).cpu < until) {
    }
    const ProcessUsage after = usage_of({}, us);
    CHECK(after.memory_bytes >= before.memory_bytes + 60 * MiB);
    CHECK(after.memory_bytes < before.memory_bytes + 120 * MiB);
    CHECK(ballast.back() == 'x');
}

TEST_CASE("a control group says how much CPU time all that was in it has used", "[spawn]") {
    const tests::TempDir group;
    tests::write_file(group / "cpu.stat", "usage_usec 1234567\nuser_usec 1000000\nsystem_usec 1\n");
    const std::vector<std::filesystem::path> groups{"/nowhere", group.path()};
    const std::vector<pid_t> us{::getpid()};
    CHECK(usage_of(groups, us).cpu == std::chrono::microseconds(1'234'567));
    CHECK(usage_of(groups, {}).memory_bytes == 0);
    const std::vector<pid_t> nobody{0x7FFF'FFFF};
    CHECK(usage_of({}, nobody).memory_bytes == 0);
    CHECK(usage_of({}, nobody).cpu.count() == 0);
}
