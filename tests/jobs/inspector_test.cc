// Questions about what is in images, answered by a keeper that is a script of the test's.

#include <filesystem>

#include "base/child_process.hh"
#include "base/error.hh"
#include "jobs/inspector.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::jobs;
using namespace slipway::tests;

namespace {

// slipway-transfer for this process alone.
class StandInKeeper {
public:
    explicit StandInKeeper(const std::string& script) {
        write_file(directory_ / "slipway-transfer",
                   "#!/bin/sh\necho x >>'" + log() + "'\n" + script);
        std::filesystem::permissions(directory_ / "slipway-transfer",
                                     static_cast<std::filesystem::perms>(0755));
        find_programs_in(directory_.path());
    }
    ~StandInKeeper() { find_programs_in(program("")); }
    StandInKeeper(const StandInKeeper&) = delete;
    StandInKeeper& operator=(const StandInKeeper&) = delete;

    std::size_t started() const {
        return std::filesystem::exists(log()) ? read_file(log()).size() / 2 : 0;
    }

private:
    std::string log() const { return (directory_ / "log").string(); }
    TempDir directory_;
};

transfer::Request about(const std::string& name) {
    transfer::Request request;
    request.verb = transfer::Verb::Inspect;
    request.pool = "/nowhere";
    request.name = name;
    request.verify = "no";
    return request;
}

constexpr const char* kSaysHost =
    "echo '{\"event\": \"inspected\", \"host_name\": \"h1\", \"machine_id\": \"\","
    " \"machine_info\": {}, \"os_release\": {}}'\n"
    "echo '{\"event\": \"end\", \"outcome\": \"done\", \"status\": 0}'\n";

} // namespace

TEST_CASE("one keeper answers all who ask for one image at once, and for a moment after",
          "[jobs][inspect]") {
    const StandInKeeper keeper(kSaysHost);
    EventLoop loop;
    Inspector inspector(loop, {"PATH=/usr/bin:/bin"});
    std::vector<std::string> answers;
    std::function<void()> next;
    const auto ask = [&](const std::string& name) {
        inspector.ask(
            about(name),
            [&](const transfer::Inspected& system) {
                answers.push_back(system.host_name);
                if (answers.size() == 5 || answers.size() == 7) {
                    loop.post([&] { next(); });
                }
            },
            [&](const std::exception_ptr&) { loop.exit(); });
    };
    next = [&] {
        CHECK(keeper.started() == (answers.size() == 5 ? 3 : 4));
        CHECK(inspector.is_idle());
        if (answers.size() == 7) {
            loop.exit();
            return;
        }
        ask("web"); // at once
        CHECK(answers.size() == 6);
        CHECK(inspector.is_idle());
        inspector.forget();
        ask("web");
        CHECK_FALSE(inspector.is_idle());
    };
    for (const char* name : {"web", "web", "db", "web", "third"}) {
        ask(name);
    }
    loop.run();
    CHECK(answers == std::vector<std::string>(7, "h1"));
}

TEST_CASE("K5: a keeper that cannot tell, or dies, is said as what it is", "[jobs][inspect]") {
    struct Row {
        const char* script;
        Kind kind;
        const char* text;
    };
    const Row row =
        GENERATE(Row{"echo '{\"event\": \"end\", \"outcome\": \"failed\", \"status\": 3, \"kind\": "
                     "\"not-found\", \"text\": \"its reason\"}'\n",
                     Kind::NotFound, "its reason"},
                 Row{"exit 3\n", Kind::Internal, "exited with status 3"},
                 Row{"kill -SEGV $$\n", Kind::Internal, "was killed by signal 11"},
                 Row{"echo nonsense\n", Kind::Internal, "nonsense"});
    const StandInKeeper keeper(row.script);
    EventLoop loop;
    Inspector inspector(loop, {"PATH=/usr/bin:/bin"});
    std::string text;
    Kind kind = Kind::Other;
    inspector.ask(
        about("web"), [&](const transfer::Inspected&) { loop.exit(); },
        [&](const std::exception_ptr& error) {
            try {
                std::rethrow_exception(error);
            } catch (const Error& came) {
                text = came.what();
                kind = came.kind();
            }
            loop.exit();
        });
    loop.run();
    CHECK_THAT(text, contains(row.text));
    CHECK(kind == row.kind);
    CHECK(inspector.is_idle());
}
