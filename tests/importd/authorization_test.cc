// Who may: the real polkitd decides over callers who are not root.

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr uid_t kUser = 65534;
constexpr uid_t kOther = 1;

// What busctl makes of AccessDenied, whatever the message.
const std::string kAccessDenied = "Access denied";

// The user's rule of the administrator: one mirror to one user; another may do all but cancel.
const std::string kRules = R"(
polkit.addRule(function(action, subject) {
    if (action.id == "org.freedesktop.import1.pull" && subject.user == "nobody" &&
        action.lookup("remote").indexOf("https://mirror.example.com/") == 0 &&
        action.lookup("class") == "machine" && action.lookup("type") == "tar" &&
        action.lookup("verify") == "signature" && action.lookup("local") == "web") {
        return polkit.Result.YES;
    }
    if (action.id == "org.freedesktop.import1.pull" && action.lookup("local") == "never") {
        return polkit.Result.NO;
    }
});
)";

std::vector<std::string> call_import1(const std::string& interface, const std::string& path,
                                      const std::vector<std::string>& more,
                                      bool interactive = false) {
    std::vector<std::string> command{"busctl", "--system", "call"};
    command.insert(command.begin() + 2, interactive ? "--allow-interactive-authorization=yes"
                                                    : "--allow-interactive-authorization=no");
    for (const std::string& word : {std::string("org.freedesktop.import1"), path, interface}) {
        command.push_back(word);
    }
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

std::vector<std::string> pull_call(const std::string& url, const std::string& name,
                                   bool interactive = false) {
    return call_import1("org.freedesktop.import1.Manager", "/org/freedesktop/import1",
                        {"PullTar", "sssb", url, name, "signature", "false"}, interactive);
}

std::vector<std::string> cancel(const std::string& number) {
    return call_import1("org.freedesktop.import1.Manager", "/org/freedesktop/import1",
                        {"CancelTransfer", "u", number});
}

const std::string kMirror = "https://mirror.example.com/web.tar";

} // namespace

TEST_CASE("a rule allows one mirror to one user, and nothing else to him", "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const TestBus bus;
    const Polkit polkit(bus, {.rules = {{"10-test.rules", kRules}}});
    Faces faces(bus);
    const RunResult allowed = bus.run(as_user(kUser, pull_call(kMirror, "web")));
    INFO(allowed.err);
    CHECK(allowed.out == "uo 1 \"/org/freedesktop/import1/transfer/_1\"\n");
    CHECK(faces.with_service([](RememberingService& service) {
        return service.submissions.front().uid;
    }) == kUser);

    const std::vector<std::string> elsewhere = pull_call("https://evil.example.com/web.tar", "web");
    CHECK_THAT(bus.run(as_user(kUser, elsewhere)).err, contains("needs a password"));
    CHECK_THAT(bus.run(as_user(kUser, pull_call(kMirror + "?2", "db"))).err,
               contains("needs a password"));
    CHECK_THAT(bus.run(as_user(kOther, pull_call(kMirror, "web"))).err,
               contains("needs a password"));
    CHECK_THAT(bus.run(as_user(kUser, pull_call(kMirror, "never"))).err, contains(kAccessDenied));
    CHECK(faces.live_jobs() == 1);
    CHECK(bus.run(pull_call("https://evil.example.com/a.tar", "a")).status == 0); // root
}

TEST_CASE("B6: a challenge is asked for only when the caller allows it", "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const TestBus bus;
    const Polkit polkit(bus);
    Faces faces(bus);
    // No agent is there: polkit's answer differs in nothing but whether one was looked for.
    CHECK_THAT(bus.run(as_user(kUser, pull_call(kMirror, "web"))).err,
               contains("does not allow to ask"));
    CHECK_THAT(bus.run(as_user(kUser, pull_call(kMirror, "web", true))).err, contains("no agent"));
    CHECK(faces.live_jobs() == 0);
}

TEST_CASE("B6: without polkit root may and others may not", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TestBus bus;
    Faces faces(bus);
    CHECK_THAT(bus.run(as_user(kUser, pull_call(kMirror, "web"))).err, contains(kAccessDenied));
    CHECK(faces.live_jobs() == 0);
    CHECK(bus.run(pull_call(kMirror, "web")).status == 0);
    CHECK(faces.live_jobs() == 1);
}

TEST_CASE("B9: who started a transfer may cancel it, others are asked for", "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const TestBus bus;
    std::string rules = kRules;
    PolkitOptions options{.rules = {{"10-test.rules", rules}}, .actions = {}};
    SECTION("with the actions of systemd 252, which has none for canceling") {
        options.actions = {peer_actions(),
                           "/usr/share/polkit-1/actions/org.freedesktop.policykit.policy"};
        options.rules["20.rules"] = "polkit.addRule(function(action, subject) {"
                                    " if (action.id == 'org.freedesktop.import1.pull' &&"
                                    "     subject.user != 'nobody') return polkit.Result.YES; });";
    }
    SECTION("with the action for canceling") {
        if (!std::filesystem::exists(own_actions())) {
            return;
        }
        options.actions = {own_actions(), peer_actions(),
                           "/usr/share/polkit-1/actions/org.freedesktop.policykit.policy"};
        options.rules["20.rules"] = "polkit.addRule(function(action, subject) {"
                                    " if (action.id == 'org.freedesktop.import1.cancel' &&"
                                    "     subject.user != 'nobody') return polkit.Result.YES; });";
    }
    const Polkit polkit(bus, options);
    Faces faces(bus);
    const auto add = [&faces](uid_t uid) {
        return faces.with_service([uid](RememberingService& service) {
            auto submission = make_pull("web", "https://example.com/web.tar");
            submission.uid = uid;
            return std::to_string(service.add(submission));
        });
    };
    CHECK(bus.run(as_user(kUser, cancel(add(kUser)))).status == 0);
    CHECK(faces.live_jobs() == 0);

    const std::string roots = add(0);
    CHECK_THAT(bus.run(as_user(kUser, cancel(roots))).err, contains("needs a password"));
    CHECK(faces.live_jobs() == 1);
    CHECK(bus.run(as_user(kOther, cancel(roots))).status == 0);
    CHECK(faces.live_jobs() == 0);
    CHECK_THAT(bus.run(cancel(roots)).err, contains("No transfer by id"));
}

TEST_CASE("B9: Transfer.Cancel() of another's asks for pull, of one's own nobody", "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const TestBus bus;
    const Polkit polkit(bus);
    Faces faces(bus);
    faces.with_service([](RememberingService& service) {
        service.add(make_pull("a", kMirror));
        auto own = make_pull("b", kMirror + "?2");
        own.uid = kUser;
        service.add(own);
    });
    const auto cancel_object = [](const std::string& number) {
        return call_import1("org.freedesktop.import1.Transfer",
                            "/org/freedesktop/import1/transfer/_" + number, {"Cancel"});
    };
    CHECK_THAT(bus.run(as_user(kUser, cancel_object("1"))).err, contains("needs a password"));
    CHECK(bus.run(as_user(kUser, cancel_object("2"))).status == 0);
    CHECK(bus.run(cancel_object("1")).status == 0);
    CHECK(faces.live_jobs() == 0);
}

TEST_CASE("B9: a transfer has one end, whoever cancels it how often", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TestBus bus;
    Faces faces(bus);
    Client client(bus);
    int ends = 0;
    const auto listening = client.connection().subscribe("type='signal',member='TransferRemoved'",
                                                         [&ends](const bus::Incoming&) { ++ends; });
    faces.with_service([](RememberingService& service) { service.add(make_pull("a", kMirror)); });
    CHECK(client.import1_error("CancelTransfer", std::uint32_t{1}) == "");
    CHECK(client.import1_error("CancelTransfer", std::uint32_t{1}) ==
          "org.freedesktop.import1.NoSuchTransfer");
    CHECK(client.slipway_error("Cancel", std::uint32_t{1}) == "io.slipway.Error.NotFound");
    CHECK(ends == 1);
}

TEST_CASE("B6: a caller that leaves takes its question along, and nothing happens", "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    // polkit's answer waits until the test opens the other end of the pipe.
    const TempDir directory;
    std::filesystem::permissions(directory.path(), static_cast<std::filesystem::perms>(0777));
    const auto gate = directory / "gate";
    REQUIRE(::mkfifo(gate.c_str(), 0666) == 0);
    REQUIRE(::chmod(gate.c_str(), 0666) == 0);
    const std::string rule = "polkit.addRule(function(action, subject) {"
                             " if (action.lookup('local') == 'slow') polkit.spawn(['/bin/cat', '" +
                             gate.string() +
                             "']);"
                             " return polkit.Result.YES; });";
    const TestBus bus;
    const Polkit polkit(bus, {.rules = {{"10.rules", rule}}});
    Faces faces(bus);
    {
        ChildProcess caller({.program = "/usr/bin/env",
                             .arguments = as_user(kUser, pull_call(kMirror, "slow")),
                             .fds = {},
                             .environment = bus.whole_environment(),
                             .own_process_group = true,
                             .capture_stderr = true});
        // Opening for writing waits for the rule's reader: polkit is deciding now.
        const Fd open = open_file(gate, O_WRONLY);
        CHECK(faces.pending_questions() == 1);
        caller.kill(SIGKILL);
        caller.wait();
        Client client(bus);
        CHECK(client.wait([&faces] { return faces.pending_questions() == 0; }));
    }
    // The answer is on its way, in front of the next one.
    CHECK(bus.run(as_user(kUser, pull_call(kMirror, "quick"))).status == 0);
    CHECK(faces.with_service([](RememberingService& service) {
        return service.submissions.size() == 1 && service.submissions[0].request.name == "quick";
    }));
}
