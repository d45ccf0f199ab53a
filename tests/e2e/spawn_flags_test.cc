// Settings of a machine by flag, looked at from within.

#include <cstdint>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::string value_in(const std::string& text, const std::string& key) {
    const std::size_t at = text.find(key);
    REQUIRE(at != text.npos);
    const std::size_t from = text.find_first_not_of(" \t:", at + key.size());
    return text.substr(from, text.find('\n', from) - from);
}

std::string status_of_leader(const BusyboxMachine& machine) {
    return read_file("/proc/" + std::to_string(machine.record().leader->pid) + "/status");
}

} // namespace

TEST_CASE("what is said by flag, a machine has", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    const TempDir shown;
    write_file(shown / "file", "of the host\n");
    std::filesystem::permissions(shown.path(), std::filesystem::perms(0755)); // nobody's inside
    const RunResult started = machine.slipway(
        {"start", "--pool", machine.pool.path(), "-M", machine.name(), "--setenv=A=b 'c'",
         "--hostname=inside", "--bind-ro", shown.path().string() + ":/mnt", "--tmpfs=/scratch",
         "--drop-capability=CAP_KILL,CAP_MKNOD", "--drop-capability", "CAP_CHOWN",
         "--rlimit=NOFILE=512:1024", "--no-new-privileges=yes", "--private-network",
         "--private-users=524288:65536", "--set-credential=word:secret", "bb"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    CHECK(machine.shell({"hostname"}).out == "inside\n");
    CHECK(machine.shell({"cat", "/mnt/file"}).out == "of the host\n");
    CHECK(machine.shell({"touch", "/mnt/new"}).status != 0);
    CHECK(machine.shell({"touch", "/scratch/new"}).status == 0);
    CHECK(machine.shell({"cat", "/run/host/credentials/word"}).out == "secret");
    CHECK_THAT(machine.shell({"cat", "/proc/1/environ"}).out,
               contains(std::string("A=b 'c'") + '\0'));
    CHECK_THAT(machine.shell({"cat", "/proc/1/uid_map"}).out, contains("524288"));
    CHECK(value_in(machine.shell({"cat", "/proc/1/limits"}).out, "Max open files")
              .starts_with("512 "));
    const std::string status = status_of_leader(machine);
    const std::uint64_t bounding = std::stoull(value_in(status, "CapBnd"), nullptr, 16);
    constexpr std::uint64_t kChown = 1U << 0U;
    constexpr std::uint64_t kKill = 1U << 5U;
    constexpr std::uint64_t kMknod = 1U << 27U;
    constexpr std::uint64_t kSetuid = 1U << 7U;
    CHECK((bounding & (kChown | kKill | kMknod)) == 0);
    CHECK((bounding & kSetuid) != 0);
    CHECK(value_in(status, "NoNewPrivs") == "1");
    REQUIRE(machine.slipway({"terminate", machine.name()}).status == 0);
    CHECK(machine.traces() == std::vector<std::string>{});
}

TEST_CASE("a flag stands above the file, also one that only takes away", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    write_file(machine.pool / "bb.nspawn",
               "[Exec]\nHostname=file\nEnvironment=A=file B=file\nDropCapability=CAP_KILL\n");
    const RunResult started =
        machine.slipway({"start", "--pool", machine.pool.path(), "-M", machine.name(),
                         "--hostname=flag", "-E", "A=flag", "--read-only", "bb"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    CHECK(machine.shell({"hostname"}).out == "flag\n");
    const std::string environment = machine.shell({"cat", "/proc/1/environ"}).out;
    CHECK_THAT(environment, contains("A=flag"));
    CHECK_THAT(environment, contains("B=file"));
    CHECK(machine.shell({"touch", "/etc/new"}).status != 0);
    const std::uint64_t bounding =
        std::stoull(value_in(status_of_leader(machine), "CapBnd"), nullptr, 16);
    CHECK((bounding & (1U << 5U)) == 0);
    REQUIRE(machine.slipway({"terminate", machine.name()}).status == 0);
    std::filesystem::remove(machine.pool / "bb.nspawn");
    CHECK(machine.traces() == std::vector<std::string>{});
}

TEST_CASE("an image without an init is told so, and what to do with it", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    std::filesystem::remove(machine.pool / "bb/sbin/init");
    const auto start = [&machine] {
        return machine.slipway(
            {"start", "--pool", machine.pool.path(), "-M", machine.name(), "bb"});
    };
    const RunResult refused = start();
    CHECK(refused.status == exit_status(Kind::Unsupported));
    CHECK_THAT(refused.err, contains("no init to boot") && contains("/sbin/init") &&
                                contains("'slipway run bb /bin/sh'"));
    // A link is the image's: it leads to nothing of the host's.
    std::filesystem::create_symlink("/usr/bin/env", machine.pool / "bb/sbin/init");
    CHECK(start().status == exit_status(Kind::Unsupported));
    write_file(machine.pool / "bb/docker-entrypoint.sh", "#!/bin/sh\nexec \"$@\"\n");
    std::filesystem::permissions(machine.pool / "bb/docker-entrypoint.sh",
                                 std::filesystem::perms(0755));
    CHECK_THAT(start().err, contains("'slipway run bb /docker-entrypoint.sh'"));
    CHECK(machine.traces() == std::vector<std::string>{});
}

TEST_CASE("an empty resolv.conf is told", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    write_file(machine.pool / "bb/etc/resolv.conf", "");
    const auto note = [&machine](const std::string& flag) {
        const RunResult ran = machine.slipway(
            {"run", "--pool", machine.pool.path(), "-M", machine.name(), flag, "bb", "true"});
        INFO(ran.err);
        CHECK(ran.status == 0);
        return ran.err.find("/etc/resolv.conf of the image 'bb' is empty") != std::string::npos;
    };
    CHECK(note("--network=veth"));
    CHECK_FALSE(note("--network=none"));
    CHECK_FALSE(note("--resolv-conf=bind-host"));
    CHECK_FALSE(note("--quiet"));
}
