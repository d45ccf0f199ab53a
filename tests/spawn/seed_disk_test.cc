// The seed beside the one that cloud-localds makes of the same files, both read by isoinfo, bsdtar
// and blkid.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <map>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "machine/first_boot.hh"
#include "spawn/seed_disk.hh"
#include "spawn/settle_iso.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::spawn;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

const Files kFiles = machine::seed_files(
    {.instance_id = "i-1",
     .hostname = "web",
     .ssh_keys = {"ssh-ed25519 "
                  "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"},
     .packages = {"vim"},
     .reports_ready = true});

// What cloud-localds makes of the two files.
fs::path peer_of(const TempDir& top, const Files& files) {
    for (const auto& [name, content] : files) {
        write_file(top / name, content);
    }
    run_ok({"cloud-localds", top / "peer.iso", top / "user-data", top / "meta-data"});
    return top / "peer.iso";
}

// All files by the names and contents that `isoinfo` shows with `tree`, "-R" or "-J".
Files shown_files(const fs::path& image, const std::string& tree) {
    std::istringstream names(run_ok({"isoinfo", tree, "-f", "-i", image}));
    Files files;
    for (std::string name; std::getline(names, name);) {
        files[name] = run_ok({"isoinfo", tree, "-x", name, "-i", image});
    }
    return files;
}

// A line of `isoinfo -d`.
std::string shown_line(const fs::path& image, const std::string& about) {
    std::istringstream lines(run_ok({"isoinfo", "-d", "-i", image}));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(about)) {
            return line;
        }
    }
    return "";
}

std::string label(const fs::path& image) {
    return run_ok({"blkid", "-p", "-o", "value", "-s", "LABEL", "-s", "TYPE", image});
}

std::vector<fs::path> names_in(const fs::path& directory) {
    std::vector<fs::path> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

TEST_CASE("a seed holds what cloud-localds writes for the same files", "[spawn]") {
    const TempDir top;
    const fs::path ours = top / "ours.iso";
    write_seed_disk(ours, kFiles);
    const fs::path peer = peer_of(top, kFiles);
    for (const char* tree : {"-R", "-J"}) {
        INFO(tree);
        const Files shown = shown_files(ours, tree);
        CHECK(shown == shown_files(peer, tree));
        CHECK(shown == Files{{"/meta-data", kFiles.at("meta-data")},
                             {"/user-data", kFiles.at("user-data")}});
    }
    for (const char* line : {"Volume id:", "Joliet", "Rock Ridge"}) {
        CHECK_FALSE(shown_line(ours, line).empty());
        CHECK(shown_line(ours, line) == shown_line(peer, line));
    }
    CHECK(shown_line(ours, "Volume id:") == "Volume id: cidata");
    CHECK(label(ours) == label(peer));
    CHECK(label(ours) == "cidata\niso9660\n");
}

TEST_CASE("every reader finds every byte, whatever the files hold", "[spawn]") {
    const TempDir top;
    std::string large;
    for (int i = 0; i < 100'000; ++i) {
        large += static_cast<char>(i * 7 % 251);
    }
    const Files files{{"empty", ""},
                      {"large", large},
                      {"meta-data", std::string("a\0b", 3)},
                      {"network-config", "x"},
                      {std::string(64, 'n'), std::string(2048, 's')}};
    const fs::path seed = top / "seed.iso";
    write_seed_disk(seed, files);
    Files expected;
    for (const auto& [name, content] : files) {
        expected["/" + name] = content;
        CHECK(run_ok({"bsdtar", "-xOf", seed, name}) == content);
    }
    CHECK(shown_files(seed, "-R") == expected);
    CHECK(shown_files(seed, "-J") == expected);
}

TEST_CASE("the same files make the same seed, whenever, wherever and by whom", "[spawn]") {
    const TempDir top;
    write_seed_disk(top / "one.iso", kFiles);
    ::setenv("TZ", "Asia/Kathmandu", 1);
    ::tzset();
    const auto then = std::chrono::system_clock::now();
    while (std::chrono::system_clock::now() < then + std::chrono::milliseconds(1100)) {
        ::usleep(50'000); // dates have whole seconds
    }
    const bool is_root = ::geteuid() == 0;
    REQUIRE((!is_root || ::setresuid(1234, 0, 0) == 0));
    REQUIRE((!is_root || ::setresgid(1234, 0, 0) == 0));
    write_seed_disk(top / "two.iso", kFiles);
    REQUIRE((!is_root || ::setresgid(0, 0, 0) == 0));
    REQUIRE((!is_root || ::setresuid(0, 0, 0) == 0));
    ::unsetenv("TZ");
    ::tzset();
    CHECK(read_file(top / "one.iso") == read_file(top / "two.iso"));
    const std::string listing = run_ok({"isoinfo", "-R", "-l", "-i", top / "one.iso"});
    CHECK_THAT(listing, contains("dr-xr-xr-x   2    0    0            2048 Jan  1 1980"));
    CHECK_THAT(listing, contains("-r--r--r--   0    0    0"));
    CHECK_THAT(listing, !contains(" 202")); // no year of ours
    Files other = kFiles;
    other["user-data"] += "\n";
    write_seed_disk(top / "other.iso", other);
    CHECK(read_file(top / "one.iso") != read_file(top / "other.iso"));
}

TEST_CASE("a seed is its owner's alone, and replaces what was there in one step", "[spawn]") {
    const TempDir top;
    const fs::path seed = top / "seed.iso";
    write_file(seed, "old");
    fs::create_directory(top / "elsewhere");
    fs::create_symlink(top / "elsewhere/victim", top / ".seed.iso.new"); // left by whoever
    const Fd old(::open(seed.c_str(), O_RDONLY | O_CLOEXEC));
    const mode_t before = ::umask(0);
    write_seed_disk(seed, kFiles);
    ::umask(before);
    struct stat info {};
    REQUIRE(::lstat(seed.c_str(), &info) == 0);
    CHECK(info.st_mode == (S_IFREG | 0600));
    char byte = 0;
    CHECK(::pread(old.get(), &byte, 1, 0) == 1);
    CHECK(byte == 'o');
    CHECK(names_in(top.path()) == std::vector<fs::path>{"elsewhere", "seed.iso"});
    CHECK(names_in(top / "elsewhere").empty());
}

TEST_CASE("a seed that cannot be written leaves the old one and nothing else", "[spawn]") {
    const TempDir top;
    fs::create_directories(top / "seed.iso/full"); // which no file can replace
    CHECK_THROWS_WITH(write_seed_disk(top / "seed.iso", kFiles),
                      contains("writing the seed") && contains("Is a directory"));
    CHECK(names_in(top.path()) == std::vector<fs::path>{"seed.iso"});
    CHECK_THROWS_WITH(write_seed_disk(top / "none/seed.iso", kFiles),
                      contains("No such file or directory"));
    for (const char* name : {"", ".", "..", "a/b", "Upper", "white space", ".hidden"}) {
        INFO(name);
        CHECK_THROWS_WITH(write_seed_disk(top / "x.iso", {{name, ""}}),
                          contains("is no name for a file of a seed"));
    }
    CHECK_THROWS_AS(write_seed_disk(top / "x.iso", {{std::string(65, 'n'), ""}}), Error);
    CHECK(names_in(top.path()) == std::vector<fs::path>{"seed.iso"});
}

TEST_CASE("an image that was cut is not settled beyond its end", "[spawn]") {
    const TempDir top;
    write_seed_disk(top / "seed.iso", kFiles);
    const std::string whole = read_file(top / "seed.iso");
    for (std::size_t sectors = 0; sectors < 29; ++sectors) {
        std::string cut = whole.substr(0, sectors * 2048);
        INFO(sectors);
        CHECK_THROWS_AS(settle_iso(cut, "cidata"), Error);
    }
    std::string settled = whole;
    settle_iso(settled, "cidata");
    CHECK(settled == whole);
}
