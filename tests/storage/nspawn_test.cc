// The real systemd-nspawn and we exclude each other.

#include <array>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "storage/lock.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");

/// A tree that runs the host's programs.
void make_tree(const std::filesystem::path& tree) {
    std::filesystem::create_directories(tree / "usr");
    std::filesystem::create_directory(tree / "etc");
    for (const char* name : {"bin", "lib", "lib64"}) {
        std::filesystem::create_symlink("usr/" + std::string(name), tree / name);
    }
}

std::vector<std::string> arguments(const std::filesystem::path& tree, const std::string& script) {
    return {"--register=no",
            "--keep-unit",
            "--quiet",
            "--directory=" + tree.string(),
            "--bind-ro=/usr",
            "--",
            "/usr/bin/sh",
            "-c",
            script};
}

/// Runs in the tree until it is destroyed; its standard output says when it does.
class Machine {
public:
    explicit Machine(const std::filesystem::path& tree) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        const Fd reader(ends[0]);
        Fd writer(ends[1]);
        ChildSpec spec{.program = "/usr/bin/systemd-nspawn",
                       .arguments = arguments(tree, "echo up; exec sleep 600"),
                       .fds = {{writer.get(), 1}},
                       .environment = std::nullopt,
                       .own_process_group = true,
                       .capture_stderr = true};
        child_ = std::make_unique<ChildProcess>(spec);
        writer.reset();
        std::array<char, 3> text{};
        up_ = ::read(reader.get(), text.data(), text.size()) == 3;
        if (!up_) {
            child_->wait();
            problem_ = child_->stderr_tail();
        }
    }
    std::optional<std::string> problem() const {
        return up_ ? std::nullopt : std::optional("systemd-nspawn does not run here: " + problem_);
    }
    pid_t pid() const { return child_->pid(); }

private:
    std::unique_ptr<ChildProcess> child_;
    bool up_ = false;
    std::string problem_;
};

std::optional<std::string> no_nspawn() {
    if (!std::filesystem::exists("/usr/bin/systemd-nspawn")) {
        return "systemd-nspawn is not installed";
    }
    return use_private_run();
}

} // namespace

TEST_CASE("P8: an image that systemd-nspawn runs is busy, and systemd-nspawn is named",
          "[storage][nspawn]") {
    if (auto why = no_nspawn()) {
        SKIP(*why);
    }
    const TempPool pool;
    const Pool open = pool.open();
    make_tree(pool / "web");
    {
        const Machine machine(pool / "web");
        if (auto why = machine.problem()) {
            SKIP(*why);
        }
        const auto busy =
            failure_with(Kind::Busy, fmt::format("image 'web' is in use by systemd-nspawn (PID {}",
                                                 machine.pid()));
        REQUIRE_THROWS_MATCHES(remove_image(open, kWeb), Error, busy);
        REQUIRE_THROWS_MATCHES(Staging(open, spec("web", Replace::Yes)), Error, busy);
        // Under another name it is the same tree.
        std::filesystem::create_directory_symlink("web", pool / "alias");
        REQUIRE_THROWS_AS(remove_image(open, ImageName::parse("alias")), Error);
        std::filesystem::remove(pool / "alias");
        REQUIRE(pool.entries() == std::set<std::string>{"web", ".#web.lck"});
    }
    store(open, spec("web", Replace::Yes), "new");
    REQUIRE(state_of(pool.path()) == "web: directory new");
}

TEST_CASE("P8: systemd-nspawn does not start an image that is being replaced",
          "[storage][nspawn]") {
    if (auto why = no_nspawn()) {
        SKIP(*why);
    }
    const TempPool pool;
    const Pool open = pool.open();
    make_tree(pool / "web");
    std::vector<std::string> command = arguments(pool / "web", "echo up");
    command.insert(command.begin(), "systemd-nspawn");
    const RunResult before = run(command);
    if (before.status != 0) {
        SKIP("systemd-nspawn does not run here: " + before.err);
    }
    {
        const Staging staging(open, spec("web", Replace::Yes));
        const RunResult during = run(command);
        REQUIRE(during.status == 1);
        REQUIRE_THAT(during.err, contains("is currently busy"));
    }
    REQUIRE(run(command).status == 0);
}
