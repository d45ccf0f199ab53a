// Files that belong to an image: asked for beside it, verified by the same documents, stored in the
// same step.

#include <filesystem>
#include <map>
#include <string>

#include <sys/stat.h>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/publisher.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::LogLevel;
using slipway::transfer::Request;

namespace {

const std::vector<std::string> kSmall{".nspawn", ".roothash", ".roothash.p7s", ".usrhash",
                                      ".usrhash.p7s"};

// A disk that a publisher offers as web.raw.zst.
struct Offered {
    Offered() {
        make_sparse_disk(disk, 2 * MiB, 128 * KiB);
        publisher.publish("web.raw.zst", compress(read_file(disk), ".zst"));
    }

    /// Puts a file beside it, named in the documents or not.
    void put(const std::string& suffix, const std::string& content, bool listed = true) {
        if (listed) {
            publisher.publish("web" + suffix, content);
        } else {
            publisher.server.serve("/images/web" + suffix, content);
        }
    }

    Request request(const Scene& scene, const std::string& verify = "signature") const {
        Request made = scene.pull_disk(publisher.url("web.raw.zst"));
        made.verify = verify;
        made.keyrings = {publisher.keyring()};
        made.network.retries = 2;
        return made;
    }

    std::size_t asked(const std::string& name) const {
        return publisher.server.requests("/images/" + name).size();
    }

    Publisher publisher;
    TempDir place;
    std::filesystem::path disk = place / "disk.raw";
};

void check_stored(const Scene& scene, const Offered& offered, const FinishedJob& job,
                  std::set<std::string> entries) {
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(byte_difference(offered.disk, scene.disk()) == "");
    entries.insert("image.raw");
    CHECK(scene.leftovers(entries) == Lines{});
}

} // namespace

TEST_CASE("all that belongs to a disk comes along under the image's name, and goes with it",
          "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    std::set<std::string> entries;
    for (const std::string& suffix : kSmall) {
        offered.put(suffix, "content of " + suffix);
        entries.insert("image" + suffix);
    }
    const std::string tree = read_file(offered.disk).substr(0, 100'000);
    offered.put(".verity", tree);
    entries.insert("image.verity");
    const FinishedJob job = run_job(offered.request(scene));
    check_stored(scene, offered, job, entries);
    for (const std::string& suffix : kSmall) {
        CHECK(read_file(scene.pool / ("image" + suffix)) == "content of " + suffix);
    }
    CHECK(read_file(scene.pool / "image.verity") == tree);
    struct stat info {};
    REQUIRE(::stat((scene.pool / "image.roothash").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777U) == 0644U);
    CHECK(job.ended->siblings == Lines{"image.nspawn", "image.roothash", "image.roothash.p7s",
                                       "image.usrhash", "image.usrhash.p7s", "image.verity"});
    CHECK(job.lines(LogLevel::Warning) == Lines{});

    // The documents were fetched once, and every file once, the hash tree after the image.
    CHECK(offered.asked("SHA256SUMS") == 1);
    CHECK(offered.asked("SHA256SUMS.gpg") == 1);
    const auto requests = offered.publisher.server.requests();
    const auto place_of = [&requests](const std::string& name) {
        const auto found =
            std::find_if(requests.begin(), requests.end(), [&name](const SeenRequest& request) {
                return request.path == "/images/" + name;
            });
        return found - requests.begin();
    };
    CHECK(place_of("web.usrhash.p7s") < place_of("web.raw.zst"));
    CHECK(place_of("web.raw.zst") < place_of("web.verity"));

    CHECK(run_job(scene.remove("image")).status == 0);
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("a tree brings its settings, and nothing else is asked for", "[e2e][siblings]") {
    const Scene scene;
    Publisher publisher;
    const TempDir tree;
    make_plain_tree(tree.path(), 5);
    publisher.publish("web.tar.gz", pack(tree.path(), ".gz"));
    publisher.publish("web.nspawn", "[Exec]\nBoot=no\n");
    publisher.publish("web.roothash", "not a tree's");
    Request request = scene.pull(publisher.url("web.tar.gz"), "");
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    const FinishedJob job = run_job(request);
    CHECK(job.status == 0);
    CHECK(differences(tree.path(), scene.image("web")) == Lines{});
    CHECK(read_file(scene.pool / "web.nspawn") == "[Exec]\nBoot=no\n");
    CHECK(job.ended->siblings == Lines{"web.nspawn"});
    CHECK(publisher.server.requests("/images/web.roothash").empty());
    CHECK(scene.leftovers({"web", "web.nspawn"}) == Lines{});
}

TEST_CASE("what lies beside the image is asked for with the image's query", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    offered.put(".nspawn", "[Exec]\n");
    Request request = offered.request(scene);
    request.url += "?token=secret";
    CHECK(run_job(request).status == 0);
    const auto requests = offered.publisher.server.requests("/images/web.nspawn");
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].target == "/images/web.nspawn?token=secret");
}

TEST_CASE("S18: a sibling that is not there is passed over in silence", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    const int status = GENERATE(404, 403, 410);
    for (const std::string& suffix : kSmall) {
        offered.publisher.server.always("/images/web" + suffix, answering(status));
    }
    offered.publisher.server.always("/images/web.verity", answering(status));
    const FinishedJob job = run_job(offered.request(scene, GENERATE("no", "signature")));
    check_stored(scene, offered, job, {});
    CHECK(job.lines(LogLevel::Warning) == Lines{});
    CHECK(job.lines(LogLevel::Notice) == Lines{});
    CHECK(job.ended->siblings.empty());
    CHECK(offered.asked("web.verity") == 1);
}

TEST_CASE("S18: a server that is busy for a sibling is asked again", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    const std::string suffix = GENERATE(".roothash", ".verity");
    offered.put(suffix, "something");
    offered.publisher.server.on("/images/web" + suffix, {answering(503), cut_in_header(3)});
    check_stored(scene, offered, run_job(offered.request(scene)), {"image" + suffix});
    CHECK(offered.asked("web" + suffix) == 3);
}

TEST_CASE("S18: a sibling that may be there and cannot be had refuses the image",
          "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    const auto [suffix, before_image] =
        GENERATE(table<std::string, bool>({{".roothash", true}, {".verity", false}}));
    HttpServer& server = offered.publisher.server;
    SECTION("a 5xx") {
        server.always("/images/web" + suffix, answering(503));
        const std::string text =
            check_refused(scene, offered.request(scene, "no"), 8, "gave up after 2 retries");
        CHECK_THAT(text, contains("'web" + suffix + "', which belongs to the image"));
    }
    SECTION("cut for ever") {
        offered.put(suffix, "something");
        server.always("/images/web" + suffix, cut_after(0));
        check_refused(scene, offered.request(scene), 8, "gave up after 2 retries");
    }
    SECTION("credentials are asked for") {
        server.always("/images/web" + suffix, answering(401));
        check_refused(scene, offered.request(scene, "no"), 6, "it asks for credentials");
    }
    CHECK(offered.asked("web.raw.zst") == (before_image ? 0 : 1));
}

TEST_CASE("G17: siblings that no verified statement covers are not stored, and that is said once",
          "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    offered.put(".nspawn", "[Exec]\n", false);
    offered.put(".usrhash", "0123");
    offered.put(".verity", "tree", false);
    const FinishedJob job = run_job(offered.request(scene, GENERATE("checksum", "signature")));
    check_stored(scene, offered, job, {"image.usrhash"});
    Lines warnings = job.lines(LogLevel::Warning);
    std::erase_if(warnings, [](const std::string& line) { // what --verify=checksum says of http
        return line.find("comes over plain http") != std::string::npos;
    });
    CHECK(warnings == Lines{"not stored, since nothing that was verified vouches for them: "
                            "'web.nspawn', 'web.verity'"});
    CHECK(job.ended->siblings == Lines{"image.usrhash"});
}

TEST_CASE("G17: a sidecar of its own vouches only when it is signed as the mode asks",
          "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    const std::string content = "[Exec]\n";
    offered.put(".nspawn", content, false);
    const std::string sidecar = sha256_of(content) + "  web.nspawn\n";
    HttpServer& server = offered.publisher.server;
    server.serve("/images/web.nspawn.sha256", sidecar);
    SECTION("unsigned") {
        check_stored(scene, offered, run_job(offered.request(scene)), {});
        check_stored(scene, offered, run_job([&] {
                         Request request = offered.request(scene, "checksum");
                         request.force = true;
                         return request;
                     }()),
                     {"image.nspawn"});
    }
    SECTION("signed") {
        server.serve("/images/web.nspawn.sha256.gpg", offered.publisher.sign(sidecar));
        check_stored(scene, offered, run_job(offered.request(scene)), {"image.nspawn"});
    }
}

TEST_CASE("G17: siblings that are signed themselves are checked over their bytes",
          "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    const std::string tree = read_file(offered.disk).substr(0, 250'000); // more than a pipe holds
    HttpServer& server = offered.publisher.server;
    for (const auto& [name, content] :
         std::map<std::string, std::string>{{"web.nspawn", "[Exec]\n"}, {"web.verity", tree}}) {
        server.serve("/images/" + name, content);
        server.serve("/images/" + name + ".asc", offered.publisher.sign(content));
    }
    SECTION("both fit") {
        check_stored(scene, offered, run_job(offered.request(scene)),
                     {"image.nspawn", "image.verity"});
        CHECK(read_file(scene.pool / "image.verity") == tree);
    }
    SECTION("one was changed") {
        const std::string name = GENERATE(as<std::string>(), "web.nspawn", "web.verity");
        std::string changed = name == "web.verity" ? tree : "[Exec]\n";
        changed.back() ^= 1;
        server.serve("/images/" + name, changed);
        const std::string text = check_refused(scene, offered.request(scene), 12, "bad signature");
        CHECK_THAT(text, contains("'" + name + "', which belongs to the image"));
    }
}

TEST_CASE("without verification siblings are stored as they come", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    offered.put(".nspawn", "[Exec]\n", false);
    offered.put(".roothash", "0123", false);
    const FinishedJob job = run_job(offered.request(scene, "no"));
    check_stored(scene, offered, job, {"image.nspawn", "image.roothash"});
    CHECK(job.lines(LogLevel::Warning) == Lines{});
}

TEST_CASE("a sibling that a statement contradicts refuses the image", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    const auto [suffix, before_image] =
        GENERATE(table<std::string, bool>({{".nspawn", true}, {".verity", false}}));
    offered.put(suffix, "as it was signed");
    offered.publisher.server.serve("/images/web" + suffix, "as somebody changed it");
    const std::string text = check_refused(scene, offered.request(scene), 12, "tampered");
    CHECK_THAT(text, contains("'web" + suffix + "', which belongs to the image: SHA-256 is " +
                              sha256_of("as somebody changed it")));
    CHECK(offered.asked("web.raw.zst") == (before_image ? 0 : 1));
}

TEST_CASE("D14: documents newer than a cached sibling make the pull look, and start over, once",
          "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    offered.put(".nspawn", "old");
    const std::string old_sums = offered.publisher.sums();
    offered.put(".nspawn", "new");
    HttpServer& server = offered.publisher.server;
    SECTION("the document was the old one") {
        server.on(kSums, {serving({.content = old_sums})});
        server.on(kSignature, {serving({.content = offered.publisher.sign(old_sums)})});
        check_stored(scene, offered, run_job(offered.request(scene)), {"image.nspawn"});
        CHECK(offered.asked("web.nspawn") == 1);
    }
    SECTION("both were old, of different ages") {
        server.on(kSums, {serving({.content = old_sums})});
        server.on(kSignature, {serving({.content = offered.publisher.sign(old_sums)})});
        server.on("/images/web.nspawn", {serving({.content = "older"})});
        check_stored(scene, offered, run_job(offered.request(scene)), {"image.nspawn"});
        CHECK(offered.asked("web.nspawn") == 2);
        CHECK(offered.asked("web.raw.zst") == 1);
    }
    CHECK(read_file(scene.pool / "image.nspawn") == "new");
}

TEST_CASE("S4: a sibling that changes whenever it is fetched is refused", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    const std::string content(600 * KiB, 'x');
    offered.put(".nspawn", content);
    const auto version = [&content](const std::string& etag) {
        return serving({.content = content, .etag = etag});
    };
    offered.publisher.server.on("/images/web.nspawn",
                                {version("\"1\"").cut_after(300 * KiB), version("\"2\""),
                                 version("\"3\"").cut_after(300 * KiB), version("\"4\""),
                                 version("\"5\"").cut_after(300 * KiB), version("\"6\"")});
    const std::string text =
        check_refused(scene, offered.request(scene), exit_status(Kind::Network),
                      "'web.nspawn', which belongs to the image: it changed 3 times while it was "
                      "fetched; nothing was stored. Pull again later");
    CHECK(text.find("nothing was stored") == text.rfind("nothing was stored"));
    CHECK(offered.asked("web.nspawn") == 6);
    CHECK(offered.asked("web.raw.zst") == 0);
}

TEST_CASE("S16: a sibling that never ends stops at its limit", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    SECTION("1 MiB for small ones") {
        offered.put(".nspawn", std::string(MiB, 'x'));
        check_stored(scene, offered, run_job(offered.request(scene)), {"image.nspawn"});
        Request again = offered.request(scene);
        again.name = "again";
        offered.put(".nspawn", std::string(MiB + 1, 'x'));
        check_refused(scene, again, 1, "the limit is 1048576", {"image.raw", "image.nspawn"});
    }
    SECTION("endless") {
        offered.put(".roothash", "0123");
        offered.publisher.server.always("/images/web.roothash", endless());
        check_refused(scene, offered.request(scene), 1, "which is the limit");
        CHECK(offered.asked("web.raw.zst") == 0);
    }
    SECTION("a hash tree may be as long as the disk asks for") {
        const std::uint64_t limit = 2 * MiB / 7 + MiB;
        offered.put(".verity", std::string(limit, 'x'));
        check_stored(scene, offered, run_job(offered.request(scene)), {"image.verity"});
        Request again = offered.request(scene);
        again.name = "again";
        offered.put(".verity", std::string(limit + 1, 'x'));
        check_refused(scene, again, 1, "the limit is " + std::to_string(limit),
                      {"image.raw", "image.verity"});
    }
}

TEST_CASE("nothing is asked for with a digest, or when it is not wished for", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    offered.put(".nspawn", "[Exec]\n");
    offered.put(".verity", "tree");
    Request request = offered.request(scene);
    SECTION("a digest vouches for the image alone") {
        request.verify = sha256_of(compress(read_file(offered.disk), ".zst"));
    }
    SECTION("not wished for") {
        request.siblings = {false, false, false, false};
    }
    check_stored(scene, offered, run_job(request), {});
    for (const std::string& suffix : kSmall) {
        CHECK(offered.asked("web" + suffix) == 0);
    }
    CHECK(offered.asked("web.verity") == 0);
}

TEST_CASE("an import takes the one file", "[e2e][siblings]") {
    const Scene scene;
    const Offered offered;
    write_file(offered.place / "disk.nspawn", "[Exec]\n");
    check_stored(scene, offered, run_job(scene.import_disk(offered.disk)), {});
}

TEST_CASE("a file: URL brings what lies beside the file", "[e2e][siblings]") {
    const Scene scene;
    const Offered offered;
    write_file(offered.place / "disk.nspawn", "[Exec]\n");
    write_file(offered.place / "disk.verity", "tree");
    std::filesystem::create_directory(offered.place / "disk.roothash"); // no file: not there
    Request request = scene.pull_disk("file://" + offered.disk.string());
    SECTION("unverified") {
        check_stored(scene, offered, run_job(request), {"image.nspawn", "image.verity"});
    }
    SECTION("verified") {
        const std::string sums = sha256_of(read_file(offered.disk)) + "  disk.raw\n" +
                                 sha256_of("tree") + "  disk.verity\n";
        write_file(offered.place / "SHA256SUMS", sums);
        request.verify = "checksum";
        check_stored(scene, offered, run_job(request), {"image.verity"});
    }
}

TEST_CASE("P14: settings that stand already are kept and that is said; --force replaces them",
          "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    offered.put(".nspawn", "new");
    write_file(scene.pool / "image.nspawn", "the administrator's");
    Request request = offered.request(scene);
    SECTION("kept") {
        const FinishedJob job = run_job(request);
        check_stored(scene, offered, job, {"image.nspawn"});
        CHECK(read_file(scene.pool / "image.nspawn") == "the administrator's");
        CHECK(job.ended->siblings.empty());
        const Lines notices = job.lines(LogLevel::Notice);
        REQUIRE(notices.size() == 1);
        CHECK_THAT(notices[0], contains("image.nspawn"));
    }
    SECTION("replaced") {
        request.force = true;
        check_stored(scene, offered, run_job(request), {"image.nspawn"});
        CHECK(read_file(scene.pool / "image.nspawn") == "new");
    }
}

TEST_CASE("what proved a disk goes when another disk takes its place", "[e2e][siblings]") {
    const Scene scene;
    Offered offered;
    offered.put(".roothash", "0123");
    offered.put(".nspawn", "[Exec]\n");
    check_stored(scene, offered, run_job(offered.request(scene)),
                 {"image.roothash", "image.nspawn"});
    offered.publisher.server.remove("/images/web.roothash");
    offered.publisher.server.remove("/images/web.nspawn");
    Request request = offered.request(scene);
    request.force = true;
    check_stored(scene, offered, run_job(request), {"image.nspawn"});
}
