// What `meson install` puts where.

#include <set>
#include <sstream>

#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

void install_below(const std::filesystem::path& top) {
    run_ok({"meson", "install", "-C", program("").string(), "--no-rebuild", "--quiet", "--destdir",
            top.string()});
}

// Every file and link, as it would be named without the directory in front. /lib is /usr/lib.
std::set<std::string> files_below(const std::filesystem::path& top) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
        if (!entry.is_directory() || entry.is_symlink()) {
            const std::string name = entry.path().string().substr(top.string().size());
            names.insert(name.starts_with("/lib/") ? "/usr" + name : name);
        }
    }
    return names;
}

} // namespace

TEST_CASE("the daemon's files are installed, under names of their own", "[house][install]") {
    const TempDir top;
    install_below(top.path());
    const std::set<std::string> ours = files_below(top.path());
    for (const char* name : {"/usr/share/dbus-1/system.d/io.slipway.Importd.conf",
                             "/usr/share/dbus-1/system-services/io.slipway.Importd.service",
                             "/usr/share/polkit-1/actions/io.slipway.importd.policy",
                             "/usr/lib/systemd/system/slipway-importd.service",
                             "/usr/lib/sysusers.d/slipway.conf", "/etc/slipway/importd.conf"}) {
        INFO(name);
        CHECK(ours.contains(name));
    }
    const RunResult listed = run({"dpkg", "--listfiles", "systemd-container"});
    if (listed.status != 0) {
        SKIP("what systemd-container installs is not known here (dpkg, and that package)");
    }
    std::istringstream lines(listed.out);
    std::size_t compared = 0;
    for (std::string name; std::getline(lines, name); ++compared) {
        INFO(name);
        CHECK_FALSE(ours.contains(name.starts_with("/lib/") ? "/usr" + name : name));
    }
    CHECK(compared > 50);
}

TEST_CASE("slipway-importd(8) has every option of --help, and man reads it without a word",
          "[house][install]") {
    const TempDir top;
    install_below(top.path());
    std::string page;
    for (const std::string& name : files_below(top.path())) {
        if (name.ends_with("/man8/slipway-importd.8")) {
            page = (top / name.substr(1)).string();
        }
    }
    REQUIRE_FALSE(page.empty());
    const RunResult shown =
        run({"man", "--warnings", "-l", page}, {.environment = {"MANWIDTH=80", "LC_ALL=C.UTF-8"}});
    CHECK(shown.err.empty());
    std::istringstream words(run_ok({program("slipway-importd").string(), "--help"}));
    std::size_t options = 0;
    for (std::string word; words >> word;) {
        if (word.starts_with("--")) {
            INFO(word);
            CHECK_THAT(shown.out, contains(word.substr(0, word.find_first_of("=,"))));
            ++options;
        }
    }
    CHECK(options >= 8);
}

TEST_CASE("an importd.conf that is there is not overwritten", "[house][install]") {
    const TempDir top;
    std::filesystem::create_directories(top / "etc/slipway");
    write_file(top / "etc/slipway/importd.conf", "[Transfers]\nRunning=1\n");
    install_below(top.path());
    CHECK(read_file(top / "etc/slipway/importd.conf") == "[Transfers]\nRunning=1\n");
}

TEST_CASE("the unit and the activation file start the program that is installed",
          "[house][install]") {
    const TempDir top;
    install_below(top.path());
    std::string importd;
    for (const std::string& name : files_below(top.path())) {
        if (name.ends_with("/slipway-importd")) {
            importd = name;
        }
    }
    REQUIRE_FALSE(importd.empty());
    const auto unit = std::filesystem::exists(top / "lib")
                          ? top / "lib/systemd/system/slipway-importd.service"
                          : top / "usr/lib/systemd/system/slipway-importd.service";
    CHECK_THAT(read_file(unit), contains("\nExecStart=" + importd + "\n"));
    CHECK_THAT(read_file(top / "usr/share/dbus-1/system-services/io.slipway.Importd.service"),
               contains("\nExec=" + importd + "\n"));
}
