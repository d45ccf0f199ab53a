// A machine's key, made by the real ssh-keygen.

#include <string>

#include <sys/stat.h>

#include "base/error.hh"
#include "machine/first_boot_values.hh"
#include "spawn/machine_key.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::spawn;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> names_in(const fs::path& directory) {
    std::vector<fs::path> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
        names.push_back(entry.path().filename());
    }
    return names;
}

} // namespace

TEST_CASE("a machine's key is made once, is its owner's alone, and is kept", "[spawn]") {
    const TempDir top;
    const fs::path place = top / "a \"place\" % of its own";
    fs::create_directory(place);
    const MachineKey made = keep_machine_key(place, "slipway web");
    CHECK(made.file == place / "ssh_key");
    CHECK(made.public_line.starts_with("ssh-ed25519 "));
    CHECK(made.public_line.ends_with(" slipway web"));
    CHECK(machine::parse_ssh_key(made.public_line) == made.public_line);
    CHECK(names_in(place) == std::vector<fs::path>{"ssh_key"});
    struct stat info {};
    REQUIRE(::lstat(made.file.c_str(), &info) == 0);
    CHECK(info.st_mode == (S_IFREG | 0600));
    const std::string bytes = read_file(made.file);

    const MachineKey kept = keep_machine_key(place, "another comment");
    CHECK(kept.file == made.file);
    CHECK(kept.public_line == made.public_line);
    CHECK(read_file(made.file) == bytes);
}

TEST_CASE("the key can sign what its public line can check", "[spawn]") {
    const TempDir top;
    const MachineKey key = keep_machine_key(top.path(), "");
    write_file(top / "allowed", "ada " + key.public_line + "\n");
    run_ok({"ssh-keygen", "-q", "-Y", "sign", "-n", "test", "-f", key.file, top / "allowed"});
    run_ok({"ssh-keygen", "-Y", "verify", "-n", "test", "-I", "ada", "-f", top / "allowed", "-s",
            top / "allowed.sig"},
           {.input = read_file(top / "allowed")});
}

TEST_CASE("what a killed ssh-keygen has left is no key", "[spawn]") {
    const TempDir top;
    write_file(top / ".ssh_key.new", "half a key");
    write_file(top / ".ssh_key.new.pub", "half a line");
    CHECK(keep_machine_key(top.path(), "web").public_line.ends_with(" web"));
    CHECK(names_in(top.path()) == std::vector<fs::path>{"ssh_key"});
}

TEST_CASE("a key that is damaged is said to be, and stays", "[spawn]") {
    const TempDir top;
    write_file(top / "ssh_key", "no key\n");
    fs::permissions(top / "ssh_key", fs::perms::owner_read | fs::perms::owner_write);
    CHECK_THROWS_WITH(keep_machine_key(top.path(), "web"),
                      contains("is no SSH key") && contains("it was left as it is"));
    CHECK(read_file(top / "ssh_key") == "no key\n");
}

TEST_CASE("a missing ssh-keygen and a missing directory are named", "[spawn]") {
    const TempDir top;
    CHECK_THROWS_WITH(keep_machine_key(top.path(), "web", {}),
                      contains("there is no ssh-keygen") && contains("openssh-client"));
    CHECK(names_in(top.path()).empty());
    CHECK_THROWS_WITH(keep_machine_key(top / "none", "web"), contains("cannot make the SSH key"));
}
