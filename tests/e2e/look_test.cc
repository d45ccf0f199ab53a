// Looking at what a pool holds, limiting and cleaning it, as a user does.

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/json.hh"
#include "tests/catch.hh"
#include "tests/e2e/checks.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/temp_pool.hh"

using namespace slipway;
using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

class Looking {
public:
    Looking() = default;
    explicit Looking(const fs::path& place) : pool(place) {}

    RunResult slipway(std::vector<std::string> words) const {
        words.insert(words.begin(), {program("slipway"), "--pool=" + pool.path().string()});
        return run(words, {.environment = {"TZ=UTC", "CACHE_DIRECTORY=" + cache.path().string()}});
    }
    std::string said(const std::vector<std::string>& words) const {
        const RunResult result = slipway(words);
        INFO(result.err);
        REQUIRE(result.status == 0);
        return result.out;
    }
    nlohmann::json json(std::vector<std::string> words) const {
        words.emplace_back("--json=short");
        return nlohmann::json::parse(said(words));
    }

    TempDir cache;
    TempPool pool;
};

void make_system(const fs::path& root) {
    fs::create_directories(root / "etc");
    fs::create_directories(root / "usr/lib");
    write_file(root / "etc/hostname", "# comment\nweb1\n");
    write_file(root / "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    write_file(root / "etc/machine-info",
               "DEPLOYMENT='production east'\nPRETTY_HOSTNAME=\"Web\"\n");
    write_file(root / "usr/lib/os-release",
               "ID=debian\nPRETTY_NAME=\"Debian \\\"12\\\"\"\nBAD LINE\n");
    fs::create_symlink("../usr/lib/os-release", root / "etc/os-release");
}

} // namespace

TEST_CASE("image-status tells what the system in an image says of itself", "[e2e][look]") {
    const Looking house;
    make_system(house.pool / "web");
    write_file(house.pool / "web.nspawn", "[Exec]\n");
    const std::string text = house.said({"image-status", "web"});
    CHECK_THAT(text, contains("web\n            Type: directory\n"));
    CHECK_THAT(text, contains("        Hostname: web1\n"
                              "      Machine ID: 0123456789abcdef0123456789abcdef\n"
                              "      Deployment: production east\n"
                              "              OS: Debian \"12\"\n"
                              "           Boots: no\n"
                              "                  not as container: it has no init: "));
    CHECK_THAT(text, contains("              RO: writable\n"));
    CHECK_THAT(text, contains("        Siblings: web.nspawn\n"));
    const auto shown = house.json({"image-status", "web", "--exact"}).at(0);
    CHECK(shown["os_release"] ==
          nlohmann::json{{"ID", "debian"}, {"PRETTY_NAME", "Debian \"12\""}});
    CHECK(shown["machine_info"]["PRETTY_HOSTNAME"] == "Web");
    CHECK(shown["usage_exact"] == true);
}

TEST_CASE("A8: an image cannot have files outside of it shown as its own", "[e2e][look]") {
    const Looking house;
    const TempDir outside;
    write_file(outside / "secret", "PRETTY_NAME=stolen\n");
    write_file(outside / "host", "stolen\n");
    const fs::path root = house.pool / "web";
    fs::create_directories(root / "etc");
    fs::create_symlink(outside / "secret", root / "etc/os-release");
    fs::create_symlink("../../../../../../../.." + (outside / "host").string(),
                       root / "etc/hostname");
    REQUIRE(::mkfifo((root / "etc/machine-id").c_str(), 0644) == 0);
    write_file(root / "etc/machine-info", std::string(MiB, 'x'));
    const auto shown = house.json({"image-status", "web", "--exact"}).at(0);
    CHECK(shown["os_release"].empty());
    CHECK(shown["machine_info"].empty());
    CHECK(shown["host_name"] == "");
    CHECK(shown["machine_id"] == "");
    // Links that lead to places in the tree do count.
    fs::create_directories(root / outside.path().relative_path());
    write_file(root / (outside / "secret").relative_path(), "PRETTY_NAME=own\n");
    CHECK(house.json({"image-status", "web"}).at(0)["os_release"]["PRETTY_NAME"] == "own");
}

TEST_CASE("show-image gives scripts what they ask for, and image-status the pool", "[e2e][look]") {
    const Looking house;
    write_file(house.pool / "disk.raw", "");
    fs::resize_file(house.pool / "disk.raw", 1 * MiB);
    CHECK(house.said({"show-image", "disk", "-p", "Limit", "--property=Type"}) ==
          "Type=raw\nLimit=1048576\n");
    CHECK(house.said({"show-image", "disk", "-p", "Usage", "--value"}) == "0\n");
    const RunResult missing = house.slipway({"show-image", "web"});
    CHECK(missing.status == 3);
    CHECK(missing.err ==
          "slipway: No image 'web' known; slipway list-images shows what there is\n");
    CHECK_THAT(house.said({"image-status"}),
               contains("            Path: " + house.pool.path().string() + "\n"));
    CHECK_THAT(house.said({"show-image"}), contains("PoolLimit=infinity\n"));
}

TEST_CASE("list-images --all tells of all that stands in a pool", "[e2e][look]") {
    const Looking house;
    fs::create_directory(house.pool / "web");
    write_file(house.pool / "web.raw", "");
    fs::create_symlink("gone", house.pool / "link");
    write_file(house.pool / ".#slipway-00000000000000aa.lck", "db\n");
    fs::create_directory(house.pool / ".hidden");
    CHECK(house.json({"list-images"}).size() == 1);
    const std::string pool = house.pool.path().string();
    const std::string text = house.said({"list-images", "--all"});
    CHECK_THAT(text, contains("2 images listed.\n\n" + pool + "/web.raw: shadowed by " + pool +
                              "/web\n" + pool + "/link: a link that leads nowhere\n" + pool +
                              "/.#slipway-00000000000000aa: left over by a job about 'db' that "
                              "died; slipway clean removes it\n"));
    CHECK(house.json({"list-images", "--all"}).size() == 5);
}

TEST_CASE("clean removes nothing unless it is told to", "[e2e][look]") {
    const Looking house;
    for (const char* name : {"web", ".old", ".#slipway-00000000000000aa"}) {
        fs::create_directory(house.pool / name);
    }
    write_file(house.pool / ".old.nspawn", "");
    const RunResult asked = house.slipway({"clean"});
    CHECK(asked.status == 2);
    CHECK_THAT(asked.err, contains(".old"));
    CHECK_THAT(asked.err,
               contains("there is no terminal to ask on; nothing was removed. Say --yes"));
    CHECK(house.pool.entries().size() == 4);
    const RunResult cleaned = house.slipway({"clean", "--yes"});
    INFO(cleaned.err);
    CHECK(cleaned.status == 0);
    CHECK_THAT(cleaned.err, contains("Removed image '.old'."));
    CHECK(house.pool.entries() == std::set<std::string>{"web"});
    CHECK_THAT(house.slipway({"clean", "--yes"}).err, contains("There is nothing to clean."));
    const RunResult all = house.slipway({"clean", "--all", "--yes", "--json=short"});
    CHECK(all.status == 0);
    CHECK_THAT(all.out, contains(R"({"event":"cleaned","name":"web"})"));
    CHECK(house.pool.entries().empty());
}

TEST_CASE("set-limit says why it cannot, and what would help", "[e2e][look]") {
    const Looking house;
    fs::create_directory(house.pool / "web");
    const RunResult tree = house.slipway({"set-limit", "web", "1G"});
    CHECK(tree.status != 0);
    CHECK(tree.err == "slipway: limiting 'web': image 'web' is a directory, and only a btrfs "
                      "subvolume can be limited; nothing was changed\n");
    const RunResult size = house.slipway({"set-limit", "web", "much"});
    CHECK(size.status == 2);
    CHECK_THAT(size.err, contains("'much' is not a size"));
    const RunResult missing = house.slipway({"set-limit", "db", "-"});
    CHECK(missing.status == 3);
}

TEST_CASE("P10: a whole session leaves quota off, and --enable-quota switches it on",
          "[e2e][look]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs disk("btrfs", 400 * MiB);
    run_ok({"btrfs", "subvolume", "create", (disk / "pool").string()});
    const TempDir place;
    fs::create_directory(place / "tree");
    write_file(place / "tree/file", "x");
    const TempDir cache;
    const auto slipway = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {program("slipway"), "--pool=" + (disk / "pool").string()});
        return run(words, {.environment = {"CACHE_DIRECTORY=" + cache.path().string()}});
    };
    const auto quota_is_on = [&] {
        return run({"btrfs", "qgroup", "show", disk.path().string()}).status == 0;
    };
    REQUIRE(slipway({"import-fs", (place / "tree").string(), "web"}).status == 0);
    REQUIRE(slipway({"import-fs", (place / "tree").string(), ".old"}).status == 0);
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"list-images", "--exact"},
          {"image-status", "web"},
          {"image-status"},
          {"show-image", "web"},
          {"clean", "--yes"},
          {"set-limit", "web", "-"},
          {"set-limit", "-"}}) {
        const RunResult result = slipway(words);
        INFO(words.front() << ": " << result.err);
        CHECK(result.status == 0);
    }
    const RunResult refused = slipway({"set-limit", "web", "1G"});
    CHECK(refused.status != 0);
    CHECK_THAT(refused.err, contains("--enable-quota"));
    CHECK_FALSE(quota_is_on());
    const RunResult limited = slipway({"set-limit", "web", "1G", "--enable-quota"});
    INFO(limited.err);
    REQUIRE(limited.status == 0);
    CHECK(quota_is_on());
    CHECK(slipway({"show-image", "web", "-p", "Limit", "--value"}).out == "1073741824\n");
    REQUIRE(slipway({"set-limit", "2G"}).status == 0);
    CHECK_THAT(slipway({"image-status"}).out, contains("           Limit: 2.0G\n"));
    REQUIRE(slipway({"set-limit", "web", "infinity"}).status == 0);
    CHECK(slipway({"show-image", "web", "-p", "Limit", "--value"}).out == "infinity\n");
}
