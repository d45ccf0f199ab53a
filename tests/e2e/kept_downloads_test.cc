// Kept downloads: what a pull has brought is there for the next one, and counts for no more than
// what is proven of it again.

#include <chrono>
#include <filesystem>
#include <string>

#include <sys/stat.h>

#include "base/bytes.hh"
#include "cache/store.hh"
#include "tests/catch.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/kept_download.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::LogLevel;
using slipway::transfer::Request;

namespace fs = std::filesystem;

TEST_CASE("the second pull of a kept download asks for documents alone, and is verified again",
          "[e2e][kept]") {
    const Offered offered;
    offered.keep();
    CHECK(names_in(offered.cache()) == Lines{offered.entry().filename()});
    const FinishedJob job = run_job(offered.request("second"), Face::Transfer);
    INFO(job.text());
    CHECK(job.status == 0);
    offered.check_stored("second");
    CHECK(read_file(offered.scene.pool / "second.nspawn") == "[Exec]\nBoot=no\n");
    CHECK(offered.asked() == 1);
    CHECK(offered.asked(kKeptImage, "HEAD") == 0);
    CHECK(offered.asked("/images/web.nspawn") == 1);
    CHECK(offered.asked(kSums) == 2);
    CHECK(offered.asked(kSignature) == 2);
    CHECK_THAT(job.text(), contains("verified: SHA-256, signed by " + offered.publisher.key()));
    CHECK(job.all<transfer::VerdictReached>().at(0).word == "verified");
    CHECK(says(job, LogLevel::Notice, "nothing has to be downloaded"));
    CHECK(unexpected_entries(offered.scene.pool,
                             {"first", "first.nspawn", "second", "second.nspawn"}) == Lines{});
}

TEST_CASE("nothing is kept unless that is asked for", "[e2e][kept]") {
    const Offered offered;
    CHECK(run_job(offered.request(), Face::Transfer).status == 0);
    CHECK_FALSE(fs::exists(offered.cache()));
}

TEST_CASE("what is kept is for its owner's eyes alone", "[e2e][kept]") {
    const Offered offered;
    offered.keep();
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(offered.cache())) {
        struct stat info {};
        REQUIRE(::lstat(entry.path().c_str(), &info) == 0);
        INFO(entry.path());
        CHECK((info.st_mode & 07777U) == (S_ISDIR(info.st_mode) ? 0700U : 0600U));
        files += S_ISREG(info.st_mode) ? 1U : 0U;
    }
    CHECK(files == 6); // content, entry, publication, two documents, settings
    CHECK((read_file(offered.entry() / "content") == offered.archive));
}

TEST_CASE("after a --verify=no pull was kept, --verify=signature is judged as from the network",
          "[e2e][kept]") {
    Offered offered;
    HttpServer& server = offered.publisher.server;
    const auto judged_as_without_cache = [&](int status) {
        Request alone = offered.request("alone");
        alone.cache.clear();
        const FinishedJob from_network = run_job(alone, Face::Transfer);
        const FinishedJob cached = run_job(offered.request("alone"), Face::Transfer);
        CHECK(from_network.status == status);
        CHECK(cached.status == status);
        CHECK(cached.text() == from_network.text());
        CHECK_FALSE(fs::exists(offered.scene.image("alone")));
    };
    SECTION("no signature at all") {
        server.remove(kSignature);
        offered.keep("first", "no");
        judged_as_without_cache(11);
        CHECK(offered.asked() == 1);
    }
    SECTION("a document that says something else") {
        server.serve("/images/web.tar.gz", pack(offered.place / "tree", ".gz") + "tail");
        offered.keep("first", "no");
        judged_as_without_cache(12);
        CHECK(offered.asked() == 3); // what was kept is another content: it was never read
    }
    SECTION("a good signature: verified by itself, and not downloaded") {
        offered.keep("first", "no");
        const FinishedJob job = run_job(offered.request("second"), Face::Transfer);
        INFO(job.text());
        CHECK(job.status == 0);
        CHECK(job.all<transfer::VerdictReached>().at(0).word == "verified");
        CHECK(offered.asked() == 1);
        offered.check_stored("second");
    }
}

TEST_CASE("a damaged entry is thrown away, said, and downloaded", "[e2e][kept]") {
    const Offered offered;
    offered.keep();
    const std::string verify = GENERATE("signature", "no");
    SECTION("a byte of the content") {
        change_byte(offered.entry() / "content", 5'000);
    }
    SECTION("behind the end of the archive") {
        change_byte(offered.entry() / "content", offered.archive.size() - 2);
    }
    SECTION("cut short") {
        fs::resize_file(offered.entry() / "content", 1000);
    }
    SECTION("gone") {
        fs::remove(offered.entry() / "content");
    }
    Request again = offered.request("second", verify);
    again.keep_download = true;
    const FinishedJob job = run_job(again, Face::Transfer);
    INFO(job.text());
    CHECK(job.status == 0);
    offered.check_stored("second");
    CHECK(offered.asked() == 2);
    CHECK((read_file(offered.entry() / "content") == offered.archive));
    CHECK(unexpected_entries(offered.scene.pool,
                             {"first", "first.nspawn", "second", "second.nspawn"}) == Lines{});
}

TEST_CASE("without a known digest URL and validators find the entry", "[e2e][kept]") {
    Offered offered;
    HttpServer& server = offered.publisher.server;
    Resource resource{.content = offered.archive};
    resource.last_modified = "Wed, 01 Jul 2026 10:00:00 GMT";
    const auto pulled = [&](std::size_t downloads) {
        const FinishedJob job = run_job(offered.request("second", "no"), Face::Transfer);
        INFO(job.text());
        CHECK(job.status == 0);
        offered.check_stored("second");
        CHECK(offered.asked() == downloads);
    };
    SECTION("the same strong ETag") {
        server.serve(kKeptImage, resource);
        offered.keep("first", "no");
        pulled(1);
        CHECK(offered.asked(kKeptImage, "HEAD") == 1);
    }
    SECTION("another ETag") {
        server.serve(kKeptImage, resource);
        offered.keep("first", "no");
        resource.etag = "\"v2\"";
        server.serve(kKeptImage, resource);
        pulled(2);
    }
    SECTION("a weak ETag proves nothing") {
        resource.etag = "W/\"v1\"";
        server.serve(kKeptImage, resource);
        offered.keep("first", "no");
        pulled(2);
    }
    SECTION("no ETag, the same time and length") {
        resource.etag.clear();
        server.serve(kKeptImage, resource);
        offered.keep("first", "no");
        pulled(1);
    }
    SECTION("no ETag and another time") {
        resource.etag.clear();
        server.serve(kKeptImage, resource);
        offered.keep("first", "no");
        resource.last_modified = "Wed, 01 Jul 2026 10:00:01 GMT";
        server.serve(kKeptImage, resource);
        pulled(2);
    }
}

TEST_CASE("--verify=DIGEST of a kept download asks no server for anything", "[e2e][kept]") {
    Offered offered;
    offered.keep();
    const std::size_t before = offered.publisher.server.requests().size();
    const FinishedJob job =
        run_job(offered.request("second", sha256_of(offered.archive)), Face::Transfer);
    INFO(job.text());
    CHECK(job.status == 0);
    offered.check_stored("second");
    CHECK(offered.publisher.server.requests().size() == before);
}

TEST_CASE("a disk with all that belongs to it is kept, and pulled again without its files",
          "[e2e][kept]") {
    const Scene scene;
    Publisher publisher;
    const TempDir place;
    make_sparse_disk(place / "disk.raw", 2 * MiB, 128 * KiB);
    publisher.publish("web.raw.zst", compress(read_file(place / "disk.raw"), ".zst"));
    const std::vector<std::string> beside{".roothash", ".roothash.p7s", ".verity"};
    for (const std::string& suffix : beside) {
        publisher.publish("web" + suffix, "content of " + suffix);
    }
    Request request = scene.pull_disk(publisher.url("web.raw.zst"), "first");
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    request.cache = place / "cache";
    request.keep_download = true;
    REQUIRE(run_job(request, Face::Transfer).status == 0);
    request.keep_download = GENERATE(false, true);
    request.name = "second";
    const FinishedJob second = run_job(request, Face::Transfer);
    INFO(second.text());
    REQUIRE(second.status == 0);
    CHECK(publisher.server.requests("/images/web.raw.zst").size() == 1);
    for (const std::string& suffix : beside) {
        CHECK(publisher.server.requests("/images/web" + suffix).size() == 1);
    }
    publisher.server.go_down();
    request.keep_download = false;
    request.offline = true;
    request.name = "third";
    const FinishedJob third = run_job(request, Face::Transfer);
    INFO(third.text());
    REQUIRE(third.status == 0);
    for (const std::string name : {"first", "second", "third"}) {
        CHECK(byte_difference(place / "disk.raw", scene.disk(name)) == "");
        for (const std::string& suffix : beside) {
            CHECK(read_file(scene.pool / (name + suffix)) == "content of " + suffix);
        }
    }
    CHECK(third.ended->siblings == Lines{"third.roothash", "third.roothash.p7s", "third.verity"});
}

TEST_CASE("a dry run says that the download is kept, and asks for no image",
          "[e2e][kept][dry-run]") {
    Offered offered;
    offered.keep();
    Request request = offered.request("second");
    request.dry_run = true;
    request.offline = GENERATE(false, true);
    if (request.offline) {
        offered.publisher.server.go_down();
    }
    const FinishedJob job = run_job(request, Face::Transfer);
    INFO(job.text());
    CHECK(job.status == 0);
    CHECK_THAT(job.text(), contains(" kept, none to fetch; the pool "));
    CHECK_THAT(job.text(), contains("'web.nspawn' would come along"));
    CHECK(offered.asked() == 1);
    CHECK(offered.asked(kKeptImage, "HEAD") == 0);
}

TEST_CASE("the command line keeps, lists, pulls offline and prunes", "[e2e][kept][cli]") {
    Offered offered;
    const RunOptions own{.environment = {"CACHE_DIRECTORY=" + offered.cache().string()}};
    const auto slipway = [&](std::vector<std::string> words) {
        words.insert(words.begin(), program("slipway").string());
        return run(words, own);
    };
    const std::string pool = "--pool=" + offered.scene.pool.path().string();
    const std::string ring = "--keyring=" + offered.publisher.keyring().string();
    const std::string url = offered.publisher.url("web.tar.gz");
    CHECK(slipway({"cache", "list"}).out == "No kept downloads.\n");
    CHECK(slipway({"cache", "prune"}).out == "0 kept downloads removed, 0B freed.\n");
    const RunResult kept = slipway({pool, ring, "pull-tar", "--keep-download", url, "first"});
    INFO(kept.err);
    REQUIRE(kept.status == 0);
    const std::string digest = sha256_of(offered.archive);
    const RunResult list = slipway({"cache", "list"});
    CHECK_THAT(list.out, contains("DIGEST") && contains("VERDICT") &&
                             contains(digest.substr(0, 16) + " " + url) && contains(" verified") &&
                             contains("\n1 kept downloads listed.\n"));
    CHECK_THAT(slipway({"cache", "list", "--json=short"}).out,
               contains("[{\"digest\":\"sha256-" + digest + "\",\"size\":") &&
                   contains("\"url\":\"" + url + "\"") && contains("\"verdict\":\"verified\""));
    offered.publisher.server.go_down();
    CHECK(slipway({pool, ring, "pull-tar", "--offline", url, "second"}).status == 0);
    offered.check_stored("second");
    SECTION("by the first digits") {
        CHECK(slipway({"cache", "prune", "xyz"}).status == 2);
        CHECK(slipway({"cache", "prune", digest[0] == '0' ? "1" : "0"}).status == 3);
        {
            const auto store = cache::Store::find(offered.cache());
            const auto entry = store->find_content({{stream::Algorithm::Sha256, digest}});
            REQUIRE(entry); // somebody reads it
            const RunResult busy = slipway({"cache", "prune", digest.substr(0, 8)});
            CHECK(busy.status == 5);
            CHECK_THAT(busy.err, contains("is in use by a transfer; it was left alone"));
            CHECK(fs::exists(offered.entry()));
        }
        const RunResult pruned = slipway({"cache", "prune", digest.substr(0, 8)});
        CHECK(pruned.status == 0);
        CHECK_THAT(pruned.out, contains("Removed sha256-" + digest + ", ") &&
                                   contains("1 kept downloads removed, "));
        CHECK_FALSE(fs::exists(offered.entry()));
    }
    SECTION("all, which asks") {
        const RunResult asked = slipway({"cache", "prune", "--all"});
        CHECK(asked.status == 2);
        CHECK_THAT(asked.err,
                   contains("there is no terminal to ask on; nothing was removed. Say --yes"));
        CHECK(fs::exists(offered.entry()));
        CHECK_THAT(slipway({"cache", "prune", "--all", "--yes", "--json=short"}).out,
                   contains("{\"removed\":[{\"digest\":\"sha256-" + digest + "\",\"freed\":"));
        CHECK_FALSE(fs::exists(offered.entry()));
    }
    SECTION("nothing is beyond the bounds") {
        CHECK(slipway({"cache", "prune"}).out == "0 kept downloads removed, 0B freed.\n");
        CHECK(fs::exists(offered.entry()));
    }
}
