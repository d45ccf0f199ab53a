// Settings of machines, looked at and edited; in directories that only this process sees.

#include <sys/mount.h>

#include "base/error.hh"
#include "base/json.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "tests/support/temp_pool.hh"

using namespace slipway;
using namespace slipway::tests;

namespace fs = std::filesystem;

namespace {

// An /etc/systemd without settings, for this process and its children.
void use_private_etc() {
    static const bool done = [] {
        use_private_mounts();
        fs::create_directories("/etc/systemd");
        return ::mount("tmpfs", "/etc/systemd", "tmpfs", 0, nullptr) == 0;
    }();
    REQUIRE(done);
}

constexpr const char* kNspawn = "/etc/systemd/nspawn";
constexpr const char* kFile = "/etc/systemd/nspawn/web.nspawn";

struct House {
    House() {
        use_private_etc();
        fs::remove_all(kNspawn);
        fs::create_directory(pool / "web");
    }

    RunResult slipway(std::vector<std::string> words,
                      const std::vector<std::string>& environment = {}) const {
        words.insert(words.begin() + 1, "--pool=" + pool.path().string());
        words.insert(words.begin(), program("slipway").string());
        return run(words, {.environment = environment});
    }
    /// With an editor that runs these lines of shell, the draft being "$1".
    RunResult edit(const std::string& lines) const {
        write_file(directory / "editor", "#!/bin/sh\n" + lines);
        fs::permissions(directory / "editor", fs::perms(0755));
        return slipway({"edit", "web"}, {"EDITOR=" + (directory / "editor").string()});
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(kNspawn)) {
            names.push_back(entry.path().filename());
        }
        return names;
    }

    TempPool pool;
    TempDir directory;
};

} // namespace

TEST_CASE("cat shows the file that counts, and what of it does not", "[e2e][settings]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const House house;
    const std::string beside = (house.pool / "web.nspawn").string();
    const RunResult none = house.slipway({"cat", "web"});
    CHECK(none.status == exit_status(Kind::NotFound));
    CHECK_THAT(none.err, contains("no settings for 'web'") && contains("slipway edit"));

    const std::string text = "[Exec]\nHostname=www\nCapability=all\n";
    write_file(beside, text);
    const RunResult shown = house.slipway({"cat", "web"});
    CHECK(shown.status == 0);
    CHECK(shown.out == "# " + beside + "\n" + text);
    CHECK_THAT(shown.err, contains(beside + ":3: Capability= is ignored: it would"));
    CHECK(house.slipway({"cat", "-q", "web"}).err.empty());

    fs::create_directory(kNspawn);
    write_file(kFile, "[Exec]\nHostname=admin"); // no newline at its end
    const RunResult outranked = house.slipway({"cat", "web"});
    CHECK(outranked.out == std::string("# ") + kFile + "\n[Exec]\nHostname=admin\n");
    CHECK(outranked.err ==
          "slipway: '" + beside + "' is not read: the file above stands in its place\n");

    write_file(kFile, "[Exec]\nBoot=perhaps\n");
    const RunResult wrong = house.slipway({"cat", "web"});
    CHECK(wrong.out == std::string("# ") + kFile + "\n[Exec]\nBoot=perhaps\n");
    CHECK_THAT(wrong.err, contains("no machine starts with this") && contains(":2: Boot="));
}

TEST_CASE("image-status tells which settings count, and which lines do not", "[e2e][settings]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const House house;
    const auto json = [&house] {
        return nlohmann::json::parse(house.slipway({"image-status", "--json=short", "web"}).out)
            .at(0)["settings"];
    };
    CHECK(json().is_null());
    const std::string beside = (house.pool / "web.nspawn").string();
    write_file(beside, "[Exec]\nHostname=www\nCapability=all\n[Files]\nBind=/etc\n");
    const std::string status = house.slipway({"image-status", "web"}).out;
    CHECK_THAT(status, contains("        Settings: " + beside + "\n") &&
                           contains("         Ignored: web.nspawn:3: Capability= is ignored: ") &&
                           contains("         Ignored: web.nspawn:5: Bind= is ignored: "));
    CHECK(json()["path"] == beside);
    CHECK(json()["trusted"] == false);
    CHECK(json()["ignored"].size() == 2);
    CHECK(json()["ignored"][0]["line"] == 3);
    CHECK(json()["ignored"][0]["setting"] == "Capability");

    fs::create_directory(kNspawn);
    write_file(kFile, "[Exec]\nCapability=all\n");
    CHECK(json()["path"] == kFile);
    CHECK(json()["trusted"] == true);
    CHECK(json()["ignored"].empty());
    CHECK(json()["not_read"] == nlohmann::json{beside});
    CHECK_THAT(house.slipway({"image-status", "web"}).out,
               contains("        Not read: " + beside + "\n"));

    write_file(kFile, "[Exec]\nBoot=perhaps\n");
    CHECK_THAT(std::string(json()["error"]), contains("Boot="));
}

TEST_CASE("edit begins with a template, and what is made of it is the administrator's file",
          "[e2e][settings]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const House house;
    const RunResult edited =
        house.edit("grep -q '^# Settings of the machine web' \"$1\" || exit 9\n"
                   "printf '[Exec]\\nHostname=www\\n' >\"$1\"\n");
    INFO(edited.err);
    CHECK(edited.status == 0);
    CHECK_THAT(edited.err, contains("counts from the machine's next start on"));
    CHECK(read_file(kFile) == "[Exec]\nHostname=www\n");
    CHECK(fs::status(kFile).permissions() == fs::perms(0644));
    CHECK(house.files() == std::vector<std::string>{"web.nspawn"});

    // Again, by an editor that puts another file in the draft's place.
    CHECK(house.edit("sed 's/www/web/' \"$1\" >\"$1~\" && mv \"$1~\" \"$1\"\n").status == 0);
    CHECK(read_file(kFile) == "[Exec]\nHostname=web\n");
    CHECK(house.files() == std::vector<std::string>{"web.nspawn"});
}

TEST_CASE("what is no settings leaves the file as it was, and the draft where it is told",
          "[e2e][settings]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const House house;
    fs::create_directory(kNspawn);
    write_file(kFile, "[Exec]\nHostname=www\n");
    const RunResult wrong = house.edit("echo Boot=perhaps >>\"$1\"\n");
    CHECK(wrong.status == exit_status(Kind::InvalidArgument));
    CHECK_THAT(wrong.err, contains(":3: Boot=") && contains("left untouched"));
    CHECK(read_file(kFile) == "[Exec]\nHostname=www\n");
    const std::size_t at = wrong.err.find("/etc/systemd/nspawn/.web.nspawn.");
    REQUIRE(at != wrong.err.npos);
    CHECK(read_file(wrong.err.substr(at, wrong.err.find('\'', at) - at)) ==
          "[Exec]\nHostname=www\nBoot=perhaps\n");

    // A file that is wrong already can be put right.
    write_file(kFile, "[Exec]\nBoot=perhaps\n");
    CHECK(house.edit("sed -i s/perhaps/yes/ \"$1\"\n").status == 0);
    CHECK(read_file(kFile) == "[Exec]\nBoot=yes\n");
}

TEST_CASE("an edit that was not meant changes nothing", "[e2e][settings]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const House house;
    fs::create_directory(kNspawn);
    write_file(kFile, "[Exec]\nHostname=www\n");
    const std::string lines = GENERATE("true\n", ": >\"$1\"\n", "echo x >>\"$1\"; exit 3\n",
                                       "echo x >>\"$1\"; kill -9 $$\n");
    INFO(lines);
    const RunResult result = house.edit(lines);
    CHECK_THAT(result.err, contains("nothing was changed"));
    CHECK((result.status == 0) == (lines.find("x") == lines.npos));
    CHECK(read_file(kFile) == "[Exec]\nHostname=www\n");
    CHECK(house.files() == std::vector<std::string>{"web.nspawn"});
    const RunResult nobody = house.slipway({"edit", "web"}, {"SLIPWAY_EDITOR=/no/such editor"});
    CHECK(nobody.status == exit_status(Kind::NotFound));
    CHECK_THAT(nobody.err, contains("'/no/such', which $SLIPWAY_EDITOR names"));
    CHECK(house.files() == std::vector<std::string>{"web.nspawn"});
}

TEST_CASE("what did not count beside the image does not count by being edited", "[e2e][settings]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const House house;
    write_file(house.pool / "web.nspawn", "[Exec]\nHostname=www\nCapability=\\\n  all\n"
                                          "[Files]\nBind=/etc\n");
    REQUIRE(house.edit("echo '# seen' >>\"$1\"\n").status == 0);
    const std::string file = read_file(kFile);
    CHECK_THAT(file, contains("\nHostname=www\n") && contains("# Did not count: it would") &&
                         contains("\n#Capability=") && contains("\n#  all\n") &&
                         contains("\n#Bind=/etc\n"));
}
