// Commands in a guest, through the real ssh to a real sshd.

#include <string>
#include <thread>
#include <vector>

#include <sys/socket.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/support/loopback.hh"
#include "tests/support/programs.hh"
#include "tests/toolbox/ssh_server.hh"
#include "toolbox/ssh_guest.hh"

using namespace slipway;
using namespace slipway::toolbox;
using namespace slipway::tests;

namespace {

using Words = std::vector<std::string>;

// What a command may hold and still arrive.
Words hostile_words() {
    std::string bytes;
    for (int byte = 1; byte < 256; ++byte) {
        bytes += static_cast<char>(byte);
    }
    return {"",      " ",     "a b",   "'",     "''",   "\"",  "\\",  "\\\\", "\n",
            "a\n",   "$HOME", "${x}",  "$(id)", "`id`", "*",   "~",   "!!",   "#x",
            "a;b",   "&",     "|cat",  ">x",    "-n",   "--",  "x=y", "\t",   "%s",
            "'\\''", "\r",    "{a,b}", "[a-z]", "(a)",  bytes, "λ"};
}

struct Ran {
    int status = 0; ///< as ssh_command_status() says
    std::string out;
    std::string err;
};

Ran run_in(const SshGuest& guest, const Words& words, const std::string& input = "",
           Terminal terminal = Terminal::No) {
    const TempDir top;
    const std::filesystem::path log = top / "log";
    const RunResult result = run(ssh_command(guest, words, terminal, log), {.input = input});
    return {ssh_command_status(result.status, read_file(log)), result.out, result.err};
}

std::string refusal(const SshGuest& guest, Kind kind, const Words& words = {"true"}) {
    try {
        run_in(guest, words);
    } catch (const Error& error) {
        CHECK(error.kind() == kind);
        CHECK(std::string(error.what()).find('\n') == std::string::npos);
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("a quoted word is one word to a shell, whatever it holds", "[ssh]") {
    CHECK(shell_quoted("it's") == R"('it'\''s')");
    for (const char* shell : {"dash", "bash"}) {
        std::string script = "printf '%s\\0'";
        std::string expected;
        for (const std::string& word : hostile_words()) {
            script += " " + shell_quoted(word);
            expected += word + '\0';
        }
        CHECK(run_ok({shell, "-c", script}) == expected);
    }
}

TEST_CASE("ssh is told everything, and asks neither the caller's files nor his agent", "[ssh]") {
    const SshGuest guest{.address = "10.0.0.7",
                         .port = 2222,
                         .user = "ada",
                         .key = "/m/a \"b\" 100%/ssh_key",
                         .known_hosts = "/m/known\\hosts",
                         .host_key_alias = "web"};
    const Words expected{"ssh",
                         "-F",
                         "none",
                         "-E",
                         "/tmp/log",
                         "-o",
                         "LogLevel=ERROR",
                         "-o",
                         "LogVerbose=clientloop.c:client_loop():*,"
                         "packet.c:sshpkt_vfatal():*",
                         "-o",
                         "BatchMode=yes",
                         "-o",
                         "PreferredAuthentications=publickey",
                         "-o",
                         "IdentitiesOnly=yes",
                         "-o",
                         R"(IdentityFile="/m/a \"b\" 100%%/ssh_key")",
                         "-o",
                         "IdentityAgent=none",
                         "-o",
                         "StrictHostKeyChecking=accept-new",
                         "-o",
                         R"(UserKnownHostsFile="/m/known\\hosts")",
                         "-o",
                         "GlobalKnownHostsFile=none",
                         "-o",
                         "HostKeyAlias=web",
                         "-o",
                         "HashKnownHosts=no",
                         "-o",
                         "UpdateHostKeys=no",
                         "-o",
                         "ForwardAgent=no",
                         "-o",
                         "ForwardX11=no",
                         "-o",
                         "ClearAllForwardings=yes",
                         "-o",
                         "ControlPath=none",
                         "-o",
                         "ConnectTimeout=10",
                         "-p",
                         "2222",
                         "-l",
                         "ada",
                         "-T",
                         "--",
                         "10.0.0.7",
                         "'ls' 'a b' ; exit $?"};
    CHECK(ssh_command(guest, {"ls", "a b"}, Terminal::No, "/tmp/log") == expected);
    const Words shell = ssh_command(guest, {}, Terminal::Yes, "/tmp/log");
    CHECK(shell.back() == "10.0.0.7");
    CHECK(shell.at(shell.size() - 3) == "-tt");
}

TEST_CASE("what ssh cannot be given is refused before it is asked", "[ssh]") {
    const SshGuest guest{.address = "h", .key = "/k", .known_hosts = "/h"};
    const auto command = [](const SshGuest& to, const Words& words) {
        return ssh_command(to, words, Terminal::No, "/l");
    };
    CHECK_THROWS_WITH(command(guest, {std::string("a\0b", 3)}), contains("holds a zero byte"));
    CHECK_THROWS_WITH(command(guest, {std::string(200'000, 'x')}),
                      contains("has 200012 bytes; expected no more than 131071"));
    for (const char* path : {"/a/${HOME}/k", "relative", "~/k", "/a\nb", ""}) {
        SshGuest other = guest;
        other.key = path;
        CHECK_THROWS_WITH(command(other, {"x"}), contains("ssh cannot be given the file"));
        other = guest;
        other.known_hosts = path;
        CHECK_THROWS_WITH(command(other, {"x"}), contains("ssh cannot be given the file"));
    }
}

TEST_CASE("a command's status arrives, ssh's own 255 among them", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    for (const int status : {0, 1, 127, 128, 254, 255}) {
        CHECK(run_in(server.guest(), {"sh", "-c", "exit " + std::to_string(status)}).status ==
              status);
    }
    CHECK(run_in(server.guest(), {"sh", "-c", "kill -TERM $$"}).status == 128 + 15);
    CHECK(run_in(server.guest(), {"/no/such/program"}).status == 127);
}

TEST_CASE("output, errors and input are the command's alone, byte by byte", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    const Ran apart = run_in(server.guest(), {"sh", "-c", "echo out; echo err >&2"});
    CHECK(apart.out == "out\n");
    CHECK(apart.err == "err\n");
    std::string bytes;
    for (int i = 0; i < 300'000; ++i) {
        bytes += static_cast<char>(i * 31 % 256);
    }
    const Ran copied = run_in(server.guest(), {"cat"}, bytes);
    CHECK(copied.status == 0);
    CHECK((copied.out == bytes));
    CHECK(copied.err == "");
}

TEST_CASE("hostile words arrive as they are", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    Words command{"printf", "%s\\0"};
    std::string expected;
    for (const std::string& word : hostile_words()) {
        command.push_back(word);
        expected += word + '\0';
    }
    CHECK(run_in(server.guest(), command).out == expected);
    CHECK(run_in(server.guest(), {"printf", "%s", std::string(120'000, 'x')}).out.size() ==
          120'000);
}

TEST_CASE("a command with a terminal has one, and without words it is a shell", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    const Ran terminal =
        run_in(server.guest(), {"sh", "-c", "test -t 0 && tty; exit 255"}, "", Terminal::Yes);
    CHECK(terminal.status == 255);
    CHECK(terminal.out.starts_with("/dev/pts/"));
    CHECK(terminal.err == "");
    CHECK(run_in(server.guest(), {"sh", "-c", "test -t 0"}).status == 1);
    const Ran shell = run_in(server.guest(), {}, "echo $((6 * 7)); exit 9\n");
    CHECK(shell.out == "42\n");
    CHECK(shell.status == 9);
}

TEST_CASE("a guest is known by its alias in a file of its own", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    CHECK(run_in(server.guest(), {"true"}).err == "");
    CHECK(read_file(server.guest().known_hosts).starts_with("web ssh-ed25519 "));

    const SshServer other;
    SshGuest swapped = other.guest();
    swapped.known_hosts = server.guest().known_hosts;
    CHECK_THAT(refusal(swapped, Kind::Untrusted),
               contains("the guest shows another host key than at the first login") &&
                   contains("Host key verification failed"));
}

TEST_CASE("ssh's own failures are told from the command's", "[ssh]") {
    if (auto why = no_ssh_server()) {
        SKIP(*why);
    }
    const SshServer server;
    SshGuest nobody = server.guest();
    nobody.port = port_of(listen_on(0)); // closed again
    CHECK_THAT(refusal(nobody, Kind::Network),
               contains("the guest was not reached over SSH: ssh: connect to host 127.0.0.1") &&
                   contains("Connection refused"));

    // As a forwarded port is before the guest has an sshd.
    const Fd listener = listen_on(0);
    SshGuest booting = server.guest();
    booting.port = port_of(listener);
    const std::jthread hang_up(
        [&] { const Fd caller(::accept(listener.get(), nullptr, nullptr)); });
    CHECK_THAT(refusal(booting, Kind::Network),
               contains("the guest was not reached over SSH: Connection "));

    SshGuest stranger = server.guest();
    const TempDir top;
    run_ok({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", top / "key"});
    stranger.key = top / "key";
    CHECK_THAT(refusal(stranger, Kind::Denied),
               contains("the guest does not let us in") && contains("Permission denied"));

    CHECK_THAT(refusal(server.guest(), Kind::Network, {"sh", "-c", "kill -9 $(ps -o ppid= $PPID)"}),
               contains("the connection to the guest was lost"));
}

TEST_CASE("a status of 255 without a word about the end is a failure", "[ssh]") {
    CHECK(ssh_command_status(3, "anything") == 3);
    CHECK(ssh_command_status(
              255, "debug1: clientloop.c:client_loop():1531 (pid=1): Exit status 255\r\n") == 255);
    CHECK_THROWS_WITH(ssh_command_status(255, ""),
                      contains("not reached over SSH: ssh gives no reason"));
    const std::string in = "debug1: clientloop.c:client_loop():1290 (pid=1): Entering\r\n";
    const std::string closed = "packet.c:sshpkt_vfatal():1900 (pid=1): Connection closed by h\r\n";
    CHECK_THROWS_WITH(ssh_command_status(255, closed),
                      contains("not reached over SSH: Connection closed by h"));
    CHECK_THROWS_WITH(ssh_command_status(255, in), contains("was lost (ssh gives no reason)"));
    CHECK_THROWS_WITH(ssh_command_status(255, in + closed),
                      contains("was lost (Connection closed by h); how the command ended"));
    CHECK_THROWS_WITH(
        ssh_command_status(
            255, in + "debug1: clientloop.c:client_loop():1531 (pid=1): Exit status -1\r\n"),
        contains("was lost"));
}
