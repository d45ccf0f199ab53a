// What is refused, and that it leaves nothing: one clear line, its status, the pool as before.

#include <sys/stat.h>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher.hh"
#include "tests/support/tls_server.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::Request;

namespace {

std::string small_archive(const std::string& suffix = ".gz") {
    const TempDir place;
    make_plain_tree(place.path(), 5);
    return pack(place.path(), suffix);
}

// Nothing answers there: the port was ours and is free again.
std::string dead_url() {
    HttpServer server;
    server.go_down();
    return server.url("/a.tar.gz");
}

} // namespace

TEST_CASE("D1: without any proof the image is never requested", "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    server.serve("/a.tar.gz", small_archive());
    Request request = scene.pull(server.url("/a.tar.gz"));
    request.verify = GENERATE("checksum", "signature");
    const std::string text =
        check_refused(scene, request, 10, "no checksum or signature found beside");
    CHECK_THAT(text, contains("SHA256SUMS"));
    CHECK_THAT(text, contains("'a.tar.gz'{.sha256, .sha512"));
    CHECK_THAT(text, contains("nothing was stored"));
    CHECK(server.requests("/a.tar.gz").empty());
    CHECK_FALSE(server.requests("/a.tar.gz.sha256").empty());
}

TEST_CASE("G1: an unsigned document is refused before the image is requested", "[e2e][refusal]") {
    const Scene scene;
    Publisher publisher;
    publisher.publish("a.tar.gz", small_archive());
    publisher.server.remove(kSignature);
    Request request = scene.pull(publisher.url("a.tar.gz"));
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    const std::string text = check_refused(scene, request, 11, "not signed");
    CHECK_THAT(text, contains("--verify=checksum"));
    CHECK(publisher.server.requests("/images/a.tar.gz").empty());
}

TEST_CASE("G2: a 5xx for the signature is not taken for its absence", "[e2e][refusal]") {
    const Scene scene;
    Publisher publisher;
    publisher.publish("a.tar.gz", small_archive());
    publisher.server.always(kSignature, answering(503));
    Request request = scene.pull(publisher.url("a.tar.gz"));
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    request.network.retries = 2;
    check_refused(scene, request, 14, "503");
    CHECK(publisher.server.requests(kSignature).size() == 3);
    CHECK(publisher.server.requests("/images/a.tar.gz").empty());
}

TEST_CASE("D11, D12: bytes that differ are called tampered only when a signed statement says so",
          "[e2e][refusal]") {
    const Scene scene;
    Publisher publisher;
    const std::string archive = small_archive();
    publisher.publish("a.tar.gz", archive);
    const std::string other = small_archive(".zst");
    publisher.server.serve("/images/a.tar.gz", other);
    Request request = scene.pull(publisher.url("a.tar.gz"));
    request.keyrings = {publisher.keyring()};
    SECTION("unsigned") {
        request.verify = "checksum";
        const std::string text = check_refused(scene, request, 12, sha256_of(archive));
        CHECK_THAT(text, contains(sha256_of(other)));
        CHECK_THAT(text, !contains("tampered"));
    }
    SECTION("signed") {
        request.verify = "signature";
        const std::string text = check_refused(scene, request, 12, "tampered");
        CHECK_THAT(text, contains(publisher.key()));
        CHECK_THAT(text, contains(sha256_of(archive)));
        CHECK_THAT(text, contains(sha256_of(other)));
    }
}

TEST_CASE("D12: damaged bytes are called tampered, unless it is those that were signed",
          "[e2e][refusal]") {
    const Scene scene;
    Publisher publisher;
    const std::string archive = small_archive(".xz");
    std::string damaged = archive;
    damaged[damaged.size() / 2] ^= 1;
    Request request = scene.pull(publisher.url("a.tar.xz"));
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    SECTION("not signed") {
        publisher.publish("a.tar.xz", archive);
        publisher.server.serve("/images/a.tar.xz", damaged);
        const std::string text = check_refused(scene, request, 12, "tampered");
        CHECK_THAT(text, contains("decompressing: xz"));
        CHECK_THAT(text, contains(sha256_of(damaged)));
    }
    SECTION("signed") {
        publisher.publish("a.tar.xz", damaged);
        const std::string text = check_refused(scene, request, 1, "decompressing: xz");
        CHECK_THAT(text, !contains("tampered"));
    }
    SECTION("imported") {
        const TempDir place;
        write_file(place / "a.tar.xz", damaged);
        Request import = scene.import(place / "a.tar.xz");
        import.verify = sha256_of(archive);
        check_refused(scene, import, 12, "does not match");
        import.verify = sha256_of(damaged);
        check_refused(scene, import, 1, "decompressing: xz");
    }
}

TEST_CASE("damaged bytes that nothing vouches for are not read to their end", "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    std::string damaged = small_archive(".xz");
    damaged.resize(damaged.size() + 64 * MiB, 'x');
    damaged[100] ^= 1;
    server.serve("/a.tar.xz", damaged);
    check_refused(scene, scene.pull(server.url("/a.tar.xz")), 1, "decompressing: xz");
    CHECK(server.sent_bytes() < damaged.size());
}

TEST_CASE("D14: documents newer than what a cache held are looked at once more", "[e2e][refusal]") {
    const Scene scene;
    Publisher publisher;
    publisher.publish("a.tar.gz", small_archive(".zst"));
    const std::string old_sums = publisher.sums();
    const std::string old_signature = publisher.sign(old_sums);
    publisher.publish("a.tar.gz", small_archive());
    publisher.server.on(kSums, {serving({.content = old_sums})});
    publisher.server.on(kSignature, {serving({.content = old_signature})});
    Request request = scene.pull(publisher.url("a.tar.gz"));
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    const FinishedJob job = run_job(request);
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(publisher.server.requests(kSums).size() == 2);
    CHECK(publisher.server.requests(kSums).at(1).header("Cache-Control") == "no-cache");
    CHECK(publisher.server.requests("/images/a.tar.gz").size() == 1);
}

TEST_CASE("S9: a status instead of the image is named with the effective URL", "[e2e][refusal]") {
    const Scene scene;
    Publisher publisher;
    publisher.publish("a.tar.gz", small_archive());
    Request request = scene.pull(publisher.url("a.tar.gz"));
    request.verify = "checksum";
    const auto [status, exit] =
        GENERATE(std::pair(404, 3), std::pair(410, 3), std::pair(403, 6), std::pair(401, 6));
    const std::string image = "/images/a.tar.gz";
    SECTION("at once") {
        publisher.server.always(image, answering(status));
        const std::string text =
            check_refused(scene, request, exit, "answered " + std::to_string(status));
        CHECK_THAT(text, !contains("tampered"));
    }
    SECTION("behind a redirect") {
        publisher.server.always(image, redirecting_to("/elsewhere"));
        publisher.server.always("/elsewhere", answering(status));
        check_refused(scene, request, exit, "'" + publisher.server.url("/elsewhere") + "'");
    }
}

TEST_CASE("S10: a server that stays busy is asked again, and then refused as unavailable",
          "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    server.always("/a.tar.gz", answering(GENERATE(500, 503, 429, 408)));
    Request request = scene.pull(server.url("/a.tar.gz"));
    request.network.retries = 2;
    check_refused(scene, request, 8, "gave up after 2 retries");
    CHECK(server.requests("/a.tar.gz").size() == 3);
}

TEST_CASE("S11: a page instead of the image is named as what it is", "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    const std::string page = "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n";
    server.serve("/login", page);
    SECTION("under its own name") {
        server.serve("/a.tar.gz", page);
        check_refused(scene, scene.pull(server.url("/a.tar.gz")), 1, "HTML");
    }
    SECTION("behind a redirect") {
        server.always("/a.tar.gz", redirecting_to("/login"));
        const std::string text =
            check_refused(scene, scene.pull(server.url("/a.tar.gz")), 1, "HTML");
        CHECK_THAT(text, contains(server.url("/login")));
    }
}

TEST_CASE("S12: redirects that never end, and to other schemes, are refused", "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    Request request = scene.pull(server.url("/a.tar.gz"));
    request.network.retries = 0;
    SECTION("a loop") {
        server.always("/a.tar.gz", redirecting_to("/b"));
        server.always("/b", redirecting_to("/a.tar.gz"));
        check_refused(scene, request, 8, "redirected more than 10 times");
    }
    SECTION("to a file") {
        server.always("/a.tar.gz", redirecting_to("file:///etc/passwd"));
        check_refused(scene, request, 8, "file:");
    }
    SECTION("from https to http") {
        const TestAuthority authority;
        HttpServer safe("https", authority.tls(Certificate::Good));
        safe.always("/a.tar.gz", redirecting_to(server.url("/b")));
        server.serve("/b", small_archive());
        request.url = safe.url("/a.tar.gz", "localhost");
        request.network.ca_file = authority.ca_file();
        check_refused(scene, request, 8, "https");
        CHECK(server.requests().empty());
    }
}

TEST_CASE("S13: documents are asked for beside the URL as requested, credentials stay there",
          "[e2e][refusal]") {
    const Scene scene;
    Publisher publisher;
    HttpServer mirror;
    const std::string archive = small_archive();
    publisher.publish("a.tar.gz", archive);
    mirror.serve("/deep/a.tar.gz", archive);
    publisher.server.always("/images/a.tar.gz",
                            redirecting_to(mirror.url("/deep/a.tar.gz", "localhost")));
    std::string url = publisher.url("a.tar.gz");
    url.insert(url.find("//") + 2, "user:secret@");
    Request request = scene.pull(url);
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    const FinishedJob job = run_job(request);
    INFO(job.err);
    CHECK(job.status == 0);
    REQUIRE(mirror.requests().size() == 1);
    CHECK(mirror.requests().at(0).header("Authorization").empty());
    CHECK_FALSE(publisher.server.requests(kSums).at(0).header("Authorization").empty());
    CHECK_FALSE(
        publisher.server.requests("/images/a.tar.gz").at(0).header("Authorization").empty());
}

TEST_CASE("N13: a password in the URL appears nowhere", "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    std::string url = server.url("/a.tar.gz") + "?token=hidden";
    url.insert(url.find("//") + 2, "user:secret@");
    server.on("/a.tar.gz", {answering(503), answering(404)});
    const FinishedJob job = run_job(scene.pull(url));
    CHECK(job.status == 3);
    std::string all = job.err;
    for (const transfer::Event& event : job.events) {
        all += transfer::to_json(event);
    }
    CHECK_THAT(all, contains("…@"));
    CHECK_THAT(all, !contains("secret"));
    CHECK_THAT(all, !contains("hidden"));
}

TEST_CASE("N1: a server that is not there is named", "[e2e][refusal]") {
    const Scene scene;
    Request request = scene.pull(dead_url());
    request.network.retries = 1;
    check_refused(scene, request, 8, "127.0.0.1:");
    request.url = "http://no-such-host.invalid/a.tar.gz";
    check_refused(scene, request, 8, "no-such-host.invalid");
}

TEST_CASE("N9: a certificate that cannot be trusted is refused", "[e2e][refusal]") {
    const Scene scene;
    const TestAuthority authority;
    HttpServer server("https", authority.tls(Certificate::Expired));
    Request request = scene.pull(server.url("/a.tar.gz", "localhost"));
    request.network.ca_file = authority.ca_file();
    check_refused(scene, request, 8, "expired");
    CHECK(server.requests().empty());
}

TEST_CASE("P4: a pool that cannot be written, or whose parent is missing, is refused before the "
          "download",
          "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    server.serve("/a.tar.gz", small_archive());
    Request request = scene.pull(server.url("/a.tar.gz"));
    SECTION("no parent") {
        request.pool = scene.pool / "none/pool";
        check_refused(scene, request, 3, "parent does not exist");
    }
    SECTION("mounted read-only") {
        if (auto why = no_mounts()) {
            SKIP(*why);
        }
        const MountedFs read_only("tmpfs", "ro");
        request.pool = read_only.path();
        check_refused(scene, request, 6, "Read-only file system");
    }
    SECTION("a file") {
        write_file(scene.pool / "file", "");
        request.pool = scene.pool / "file";
        check_refused(scene, request, 3, "is not a directory", {"file"});
    }
    CHECK(server.requests().empty());
}

TEST_CASE("P4: a pool that is missing is made, and a refusal leaves it empty", "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    Request request = scene.pull(server.url("/a.tar.gz"));
    request.pool = scene.pool / "new";
    check_refused(scene, request, 3, "404", {"new"});
    CHECK(std::filesystem::is_empty(scene.pool / "new"));
    struct stat info {};
    REQUIRE(::stat((scene.pool / "new").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777U) == 0700);
}

TEST_CASE("P7: a name that exists is refused before the download and says --force",
          "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    std::filesystem::create_directory(scene.image());
    const std::string text =
        check_refused(scene, scene.pull(server.url("/a.tar.gz")), 4, "--force", {"image"});
    CHECK_THAT(text, contains("'image' exists"));
    CHECK(server.requests().empty());
}

TEST_CASE("bad names, URLs and files are refused as what they are", "[e2e][refusal]") {
    const Scene scene;
    HttpServer server;
    Request request = scene.pull(server.url("/a.tar.gz"));
    SECTION("a name") {
        request.name = "a/b";
        check_refused(scene, request, 2, "'a/b'");
    }
    SECTION("no name in the URL") {
        request = scene.pull(server.url("/"), "");
        check_refused(scene, request, 2, "give a name");
    }
    SECTION("another scheme") {
        request.url = "ftp://h/a.tar.gz";
        check_refused(scene, request, 2, "expected http://");
    }
    SECTION("a file that is not there") {
        check_refused(scene, scene.import(scene.pool / "none.tar"), 3, "No such file");
    }
    SECTION("a directory") {
        check_refused(scene, scene.import("/usr/lib"), 1, "import-fs");
    }
    SECTION("a device") {
        check_refused(scene, scene.import("/dev/zero"), 1, "is a device");
    }
    CHECK(server.requests().empty());
}

TEST_CASE("budgets that a request sets are refused by their name", "[e2e][refusal]") {
    const Scene scene;
    const TempDir place;
    write_file(place / "a.tar.gz", small_archive());
    Request request = scene.import(place / "a.tar.gz");
    SECTION("size") {
        request.budget.size_bytes = 10;
        check_refused(scene, request, 1, "size");
    }
    SECTION("entries") {
        request.budget.entries = 3;
        check_refused(scene, request, 1, "entries");
    }
}
