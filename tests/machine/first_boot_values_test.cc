// The words of a first boot: keys made by the real ssh-keygen, and what is refused.

#include <string>
#include <vector>

#include "base/error.hh"
#include "machine/first_boot_values.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::machine;
using namespace slipway::tests;

namespace {

constexpr const char* kEd25519 =
    "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

// What `parse` says against `value`; empty when it takes it.
template <typename Parse>
std::string refusal(Parse parse, const std::string& value) {
    try {
        parse(value);
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::InvalidArgument);
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a guest's user has a name that every useradd takes", "[machine]") {
    for (const char* good : {"ada", "_apt", "a", "web-1", "abcdefghijklmnopqrstuvwxyz012345"}) {
        CHECK(parse_guest_user(good) == good);
    }
    for (const char* wrong : {"", "Ada", "1st", "-x", "a b", "a:b", "a.b", "ada\n", "ada$", "ä",
                              "abcdefghijklmnopqrstuvwxyz0123456"}) {
        INFO(wrong);
        CHECK_THAT(refusal(parse_guest_user, wrong), contains("is no name for a user"));
    }
}

TEST_CASE("a package has a name as Debian's policy has them", "[machine]") {
    for (const char* good : {"vim", "g++", "libc6", "python3.11", "0ad", "qemu-guest-agent"}) {
        CHECK(parse_package(good) == good);
    }
    for (const char* wrong :
         {"", "a", "Vim", "-vim", "vim=2", "libc6:i386", "a b", "vim\n", "+a"}) {
        INFO(wrong);
        CHECK_THAT(refusal(parse_package, wrong), contains("is no name of a Debian package"));
    }
}

TEST_CASE("every type of key that ssh-keygen makes is taken as its line says", "[machine]") {
    const TempDir top;
    const std::vector<std::vector<std::string>> kinds{{"ed25519"},
                                                      {"rsa", "-b", "2048"},
                                                      {"ecdsa", "-b", "256"},
                                                      {"ecdsa", "-b", "384"},
                                                      {"ecdsa", "-b", "521"}};
    int number = 0;
    for (const std::vector<std::string>& kind : kinds) {
        const std::string file = (top / std::to_string(++number)).string();
        std::vector<std::string> command{"ssh-keygen",          "-q", "-N", "",  "-C",
                                         "ada's \"key\" — λ 🔑", "-f", file, "-t"};
        command.insert(command.end(), kind.begin(), kind.end());
        run_ok(command);
        const std::string line = read_file(file + ".pub");
        CHECK(parse_ssh_key(line) + "\n" == line);
        CHECK_THAT(refusal(parse_ssh_key, read_file(file)),
                   contains("this is a private key, which stays where it is"));
    }
}

TEST_CASE("keys of security keys are taken", "[machine]") {
    // As OpenSSH's PROTOCOL.u2f lays them out: type, curve where there is one, point, application.
    const std::string edwards =
        "sk-ssh-ed25519@openssh.com "
        "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
        "AAAABHNzaDo=";
    CHECK(parse_ssh_key(edwards) == edwards);
}

TEST_CASE("blanks around and between the words of a key are no matter", "[machine]") {
    const std::string line = std::string("ssh-ed25519 ") + kEd25519;
    CHECK(parse_ssh_key("  ssh-ed25519 \t " + std::string(kEd25519) + " \r\n") == line);
    CHECK(parse_ssh_key(line + "  ada  at home ") == line + " ada  at home");
}

TEST_CASE("a key that no server would take is refused with what is wrong", "[machine]") {
    struct Row {
        std::string line;
        std::string says;
    };
    const std::string key = kEd25519;
    const std::vector<Row> rows{
        {"", "'' is no type of an SSH key"},
        {"ssh-dss AAAAB3NzaC1kc3MAAAA=", "'ssh-dss' is no type of an SSH key"},
        {"from=\"10.0.0.1\" ssh-ed25519 " + key, "is no type of an SSH key"},
        {"ssh-ed25519-cert-v01@openssh.com " + key, "is no type of an SSH key"},
        {"ssh-ed25519", "is damaged or cut"},
        {"ssh-ed25519 " + key.substr(0, 60), "is damaged or cut"},
        {"ssh-ed25519 " + key + "AAAA", "is damaged or cut"},
        {"ssh-ed25519 " + key.substr(0, 20) + "!" + key.substr(21), "is damaged or cut"},
        {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5//////8=", "is damaged or cut"},
        {"ssh-rsa " + key, "expected the base64 of one ssh-rsa key"},
        {"ssh-ed25519 " + key + "\nssh-ed25519 " + key, "an SSH key is one line"},
        {"ssh-ed25519 " + key + " a\x1b[31mb", "expected text without control characters"},
        {"ssh-ed25519 " + key + " \xff", "expected text without control characters"},
        {"ssh-ed25519 " + key + " \xef\xbf\xbe", "expected text without control characters"},
        {"ssh-ed25519 " + key + " \xc2\x85", "expected text without control characters"},
    };
    for (const Row& row : rows) {
        INFO(row.line);
        CHECK_THAT(refusal(parse_ssh_key, row.line), contains(row.says));
    }
}
