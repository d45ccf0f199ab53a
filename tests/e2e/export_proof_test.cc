// What one machine exports another pulls with --verify=signature: SHA256SUMS and its signature, as
// our own pull reads them and as systemd-pull does.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/exporting.hh"
#include "tests/e2e/running_job.hh"
#include "tests/support/http_server.hh"
#include "tests/support/keyring.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr const char* kSystemdPull = "/usr/lib/systemd/systemd-pull";
constexpr const char* kSystemdRing = "/etc/systemd/import-pubring.gpg";

// When the answer that NAME.sha256 is not there is the last of those under way, systemd-pull 252
// forgets to ask for SHA256SUMS and waits for ever.
constexpr int kRounds = 8;
constexpr int kHung = 137;

RunResult systemd_pull(const std::string& url, const std::filesystem::path& pool) {
    RunOptions options;
    options.environment = {"SYSTEMD_IMPORT_BTRFS_SUBVOL=0"};
    options.patience = std::chrono::seconds(60);
    return run({"timeout", "-s", "KILL", "10", kSystemdPull, "tar", "--verify=signature",
                "--settings=no", "--image-root=" + pool.string(), url, "pulled"},
               options);
}

// A machine with an image, a key, and a place to publish.
class Exporting {
public:
    Exporting() {
        std::filesystem::create_directory(place / "tree");
        make_large_tree(place / "tree", 4 * MiB);
        const FinishedJob job = run_job(scene.import_fs(place / "tree"), Face::Transfer);
        INFO(job.text());
        REQUIRE(job.status == 0);
        std::filesystem::create_directory(place / "public");
        key = keys.make_key();
        write_file(place / "ring.gpg", keys.export_binary());
    }

    RunResult run(std::vector<std::string> words) const {
        RunOptions options;
        options.environment = {"GNUPGHOME=" + keys.home().string()};
        options.patience = std::chrono::seconds(300);
        return tests::run(export_command(scene, "export-tar", words), options);
    }
    std::filesystem::path file(const std::string& name) const { return place / "public" / name; }
    void publish(HttpServer& server) const {
        for (const std::string& name : names_in(place / "public")) {
            server.serve("/images/" + name, read_file(file(name)));
        }
    }

    Scene scene;
    TempDir place;
    mutable Keyring keys;
    std::string key;
};

} // namespace

TEST_CASE("what is exported and signed is pulled with --verify=signature by another machine",
          "[e2e][export][proof]") {
    const Exporting from;
    for (const char* name : {"web.tar.gz", "web.tar.xz", "web.tar.zst", "web.tar"}) {
        const RunResult result = from.run({"--sign=" + from.key, from.file(name).string()});
        INFO(result.err);
        REQUIRE(result.status == 0);
    }
    CHECK(names_in(from.place / "public") == Lines{"SHA256SUMS", "SHA256SUMS.gpg", "web.tar",
                                                   "web.tar.gz", "web.tar.xz", "web.tar.zst"});
    run_ok({"sha256sum", "--check", "--strict", "SHA256SUMS"},
           {.directory = from.place / "public"});
    HttpServer server;
    from.publish(server);
    for (const char* name : {"web.tar.gz", "web.tar.xz", "web.tar.zst", "web.tar"}) {
        INFO(name);
        const Scene to;
        transfer::Request request = to.pull(server.url(std::string("/images/") + name));
        request.verify = "signature";
        request.keyrings = {from.place / "ring.gpg"};
        const FinishedJob job = run_job(request);
        INFO(job.text());
        REQUIRE(job.status == 0);
        CHECK(differences(from.place / "tree", to.image()) == Lines{});
    }
}

TEST_CASE("systemd-pull takes what is exported and signed", "[e2e][export][proof]") {
    if (::access(kSystemdPull, X_OK) != 0) {
        SKIP("there is no systemd-pull");
    }
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Exporting from;
    for (const char* name : {"web.tar.gz", "web.tar.xz"}) {
        const RunResult result = from.run({"--sign=" + from.key, from.file(name).string()});
        INFO(result.err);
        REQUIRE(result.status == 0);
    }
    HttpServer server;
    from.publish(server);
    // The ring that it reads is the host's: ours lies over it, where nobody else sees it.
    use_private_mounts();
    const TempDir rings;
    write_file(rings / "import-pubring.gpg", from.keys.export_binary());
    std::filesystem::create_directories("/etc/systemd");
    const bool is_there = std::filesystem::exists(kSystemdRing);
    const std::string over = is_there ? kSystemdRing : "/usr/lib/systemd/import-pubring.gpg";
    REQUIRE(std::filesystem::exists(over));
    run_ok({"mount", "--bind", (rings / "import-pubring.gpg").string(), over});
    for (const char* name : {"web.tar.gz", "web.tar.xz"}) {
        INFO(name);
        const TempDir pool;
        RunResult result;
        for (int round = 0; round < kRounds; ++round) {
            result = systemd_pull(server.url(std::string("/images/") + name), pool.path());
            if (result.status != kHung) {
                break;
            }
        }
        INFO(result.err);
        CHECK(result.status == 0);
        CHECK(differences(from.place / "tree", pool / "pulled") == Lines{});
    }
    run_ok({"umount", over});
}

TEST_CASE("SHA256SUMS keeps the lines of others byte for byte", "[e2e][export][proof]") {
    const Exporting from;
    const std::string zeros(64, '0');
    const std::string others = "# a comment\r\n" + zeros + " *other.tar\n\n" + zeros +
                               "  web.tar\nSHA256 (web.tar) = " + zeros + "\n" + zeros +
                               "  web.tar.gz"; // without an end
    write_file(from.file("SHA256SUMS"), others);
    std::filesystem::permissions(from.file("SHA256SUMS"), std::filesystem::perms(0640));
    REQUIRE(from.run({"--checksum", from.file("web.tar").string()}).status == 0);
    const std::string sum = run_ok({"sha256sum", "web.tar"}, {.directory = from.place / "public"});
    CHECK(read_file(from.file("SHA256SUMS")) ==
          "# a comment\r\n" + zeros + " *other.tar\n\n" + sum + zeros + "  web.tar.gz");
    REQUIRE(from.run({"--checksum", from.file("new.tar").string()}).status == 0);
    CHECK(read_file(from.file("SHA256SUMS")) ==
          "# a comment\r\n" + zeros + " *other.tar\n\n" + sum + zeros + "  web.tar.gz\n" +
              run_ok({"sha256sum", "new.tar"}, {.directory = from.place / "public"}));
    struct stat info {};
    REQUIRE(::stat(from.file("SHA256SUMS").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0640);
}

TEST_CASE("a key that does not sign leaves image and list whole, and that is said",
          "[e2e][export][proof]") {
    const Exporting from;
    const RunResult failed = from.run({"--sign=nobody@example.org", from.file("web.tar").string()});
    CHECK(failed.status == 11);
    CHECK_THAT(failed.err, contains("'web.tar' is exported: SHA256SUMS has its line but is not "
                                    "signed: gpg exited with status 2: "));
    CHECK_THAT(failed.err, contains("; sign it with gpg --detach-sign --output SHA256SUMS.gpg "
                                    "SHA256SUMS\n"));
    CHECK(names_in(from.place / "public") == Lines{"SHA256SUMS", "web.tar"});
    run_ok({"sha256sum", "--check", "--strict", "SHA256SUMS"},
           {.directory = from.place / "public"});
}

TEST_CASE("a list that was signed before is told to be signed again", "[e2e][export][proof]") {
    const Exporting from;
    REQUIRE(from.run({"--sign", from.file("a.tar").string()}).status == 0);
    const std::string signature = read_file(from.file("SHA256SUMS.gpg"));
    const RunResult second = from.run({"--checksum", from.file("b.tar").string()});
    CHECK(second.status == 0);
    CHECK_THAT(second.err, contains("warning: SHA256SUMS.gpg is of the list before"));
    CHECK(read_file(from.file("SHA256SUMS.gpg")) == signature);
    REQUIRE(from.run({"--sign", from.file("c.tar").string()}).status == 0);
    RunOptions options;
    options.environment = {"GNUPGHOME=" + from.keys.home().string()};
    run_ok(
        {"gpg", "--verify", from.file("SHA256SUMS.gpg").string(), from.file("SHA256SUMS").string()},
        options);
}
