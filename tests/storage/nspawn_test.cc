// The real systemd-nspawn and we exclude each other.

#include <array>
#include <filesystem>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "storage/lock.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"

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

/// A disk with one file system that holds such a tree.
void make_disk(const std::filesystem::path& disk) {
    const TempDir directory;
    make_tree(directory / "tree");
    for (const char* name : {"proc", "sys", "dev", "run", "tmp"}) {
        std::filesystem::create_directory(directory / "tree" / name);
    }
    write_file(directory / "tree/etc/os-release", "ID=test\n");
    write_file(disk, "");
    std::filesystem::resize_file(disk, 16 * MiB);
    run_ok({"mkfs.ext4", "-q", "-d", (directory / "tree").string(), disk.string()});
}

/// For disks systemd-nspawn wants to hear from udev that a loop device is ready. In our own /run
/// nobody tells, so we have it written there, beside a socket as proof of life.
class ToldByUdev {
public:
    ToldByUdev() : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
        std::filesystem::create_directories("/run/udev/data");
        for (int i = 0; i < kLoopDevices; ++i) {
            write_file(fmt::format("/run/udev/data/b7:{}", i), "I:1\n");
        }
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/run/udev/control"};
        REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                       sizeof address) == 0);
        REQUIRE(::listen(socket_.get(), kLoopDevices) == 0);
    }
    ~ToldByUdev() {
        std::error_code error;
        std::filesystem::remove_all("/run/udev", error);
    }
    ToldByUdev(const ToldByUdev&) = delete;
    ToldByUdev& operator=(const ToldByUdev&) = delete;

private:
    static constexpr int kLoopDevices = 256;
    Fd socket_;
};

std::vector<std::string> arguments(const std::filesystem::path& image, const std::string& script) {
    const bool disk = image.extension() == ".raw";
    return {"--register=no",
            "--keep-unit",
            "--quiet",
            (disk ? "--image=" : "--directory=") + image.string(),
            "--bind-ro=/usr",
            "--",
            "/usr/bin/sh",
            "-c",
            script};
}

/// Runs in the tree or on the disk until it is destroyed; its standard output says when it does.
class Machine {
public:
    explicit Machine(const std::filesystem::path& image) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        const Fd reader(ends[0]);
        Fd writer(ends[1]);
        ChildSpec spec{.program = "/usr/bin/systemd-nspawn",
                       .arguments = arguments(image, "echo up; exec sleep 600"),
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

TEST_CASE("P8: a disk that systemd-nspawn runs is busy, and systemd-nspawn is named",
          "[storage][nspawn][disk]") {
    if (auto why = no_nspawn()) {
        SKIP(*why);
    }
    const ToldByUdev udev;
    const TempPool pool;
    const Pool open = pool.open();
    make_disk(pool / "web.raw");
    {
        const Machine machine(pool / "web.raw");
        if (auto why = machine.problem()) {
            SKIP(*why);
        }
        const auto busy = failure_with(
            Kind::Busy,
            fmt::format("image 'web.raw' is in use by systemd-nspawn (PID {}", machine.pid()));
        REQUIRE_THROWS_MATCHES(remove_image(open, kWeb), Error, busy);
        REQUIRE_THROWS_MATCHES(Staging(open, disk("web", Replace::Yes)), Error, busy);
        REQUIRE_THROWS_MATCHES(Staging(open, spec("web", Replace::Yes)), Error, busy);
        // Under another name it is the same disk.
        std::filesystem::create_symlink("web.raw", pool / "alias.raw");
        REQUIRE_THROWS_AS(remove_image(open, ImageName::parse("alias")), Error);
        std::filesystem::remove(pool / "alias.raw");
        REQUIRE(pool.entries() == std::set<std::string>{"web.raw", ".#web.raw.lck"});
    }
    store_with(open, disk("web", Replace::Yes), "new");
    REQUIRE(contents_of(pool.path()) == "web.raw: new");
}

TEST_CASE("P8: systemd-nspawn does not start a disk that is being replaced",
          "[storage][nspawn][disk]") {
    if (auto why = no_nspawn()) {
        SKIP(*why);
    }
    const ToldByUdev udev;
    const TempPool pool;
    const Pool open = pool.open();
    make_disk(pool / "web.raw");
    std::vector<std::string> command = arguments(pool / "web.raw", "echo up");
    command.insert(command.begin(), "systemd-nspawn");
    const RunResult before = run(command);
    if (before.status != 0) {
        SKIP("systemd-nspawn does not run here: " + before.err);
    }
    {
        const Staging staging(open, disk("web", Replace::Yes));
        const RunResult during = run(command);
        REQUIRE(during.status == 1);
        REQUIRE_THAT(during.err, contains("is currently busy"));
    }
    REQUIRE(run(command).status == 0);
}
