// Trees on their way in, from the command line to the listing.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.hh"
#include "base/json.hh"
#include "base/memfd.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/publisher.hh"
#include "tests/e2e/running_job.hh"
#include "tests/e2e/scene.hh"
#include "tests/support/rich_tree.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::Request;

namespace {

nlohmann::json origin_of(const std::filesystem::path& image) {
    std::string text(4096, '\0');
    const ssize_t size = ::getxattr(image.c_str(), "user.slipway.origin", text.data(), text.size());
    REQUIRE(size > 0);
    return nlohmann::json::parse(text.substr(0, static_cast<std::size_t>(size)));
}

std::vector<std::string> stages_of(const FinishedJob& job) {
    std::vector<std::string> stages;
    for (const transfer::StageEntered& entered : job.all<transfer::StageEntered>()) {
        stages.push_back(entered.stage);
    }
    return stages;
}

// A tree of a few files, packed, in a place that lives as long as the test.
struct PlainArchive {
    explicit PlainArchive(const std::string& suffix = "", int files = 20) {
        std::filesystem::create_directory(tree);
        make_plain_tree(tree, files);
        bytes = pack(tree, suffix);
        write_file(file, bytes);
    }
    TempDir place;
    std::filesystem::path tree = place / "tree";
    std::filesystem::path file = place / "plain.tar";
    std::string bytes;
};

} // namespace

TEST_CASE("a signed .tar.xz arrives equal to its source and says where it came from",
          "[e2e][bring-in]") {
    const Scene scene;
    Publisher publisher;
    const TempDir place;
    std::filesystem::create_directory(place / "tree");
    make_rich_tree(place / "tree", {.node_links = false}); // GNU tar makes two fifos of one
    const std::string archive = pack(place / "tree", ".xz");
    publisher.publish("web.tar.xz", archive);

    Request request = scene.pull(publisher.url("web.tar.xz") + "?token=secret", "");
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    const FinishedJob job = run_job(request);
    REQUIRE(job.text() + job.err == job.text());
    REQUIRE(job.status == 0);

    CHECK(differences(place / "tree", scene.image("web")) == Lines{});
    CHECK(scene.leftovers({"web"}) == Lines{});

    CHECK(job.ended->name == "web");
    CHECK(job.ended->path == scene.image("web").string());
    CHECK(job.ended->type == "directory");
    CHECK(job.ended->digest == sha256_of(archive));
    const auto verdicts = job.all<transfer::VerdictReached>();
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].word == "verified");
    CHECK(verdicts[0].key == publisher.key());
    CHECK(verdicts[0].algorithm == "sha256");
    CHECK(verdicts[0].digest == sha256_of(archive));

    const nlohmann::json origin = origin_of(scene.image("web"));
    CHECK(origin.at("source") == publisher.url("web.tar.xz") + "?token=…");
    CHECK(origin.at("document") == publisher.server.url(kSums) + "?token=…");
    CHECK(origin.at("line") == 1);
    CHECK(origin.at("algorithm") == "sha256");
    CHECK(origin.at("digest") == sha256_of(archive));
    CHECK(origin.at("key") == publisher.key());
    CHECK(origin.at("verdict") == "verified");
    CHECK(origin.at("size") == archive.size());
    CHECK(origin.at("fetched") >= origin.at("signed"));
}

TEST_CASE("a job tells its stages in order, from start to end", "[e2e][bring-in]") {
    const Scene scene;
    Publisher publisher;
    const PlainArchive archive(".gz");
    publisher.publish("web.tar.gz", archive.bytes);
    Request request = scene.pull(publisher.url("web.tar.gz"), "-");
    request.verify = "checksum";
    const FinishedJob job = run_job(request, Face::Transfer);
    REQUIRE(job.status == 0);

    const auto& started = std::get<transfer::Started>(job.events.front());
    CHECK(started.id == request.id);
    CHECK(started.verb == "pull-tar");
    CHECK(started.name == "web");
    CHECK(started.source == publisher.url("web.tar.gz"));
    std::vector<std::string> stages = stages_of(job);
    std::erase(stages, "unpack"); // nothing may be left to unpack when the last byte is here
    CHECK(stages == Lines{"verify", "download", "sync", "commit"});
    CHECK(std::holds_alternative<transfer::Ended>(job.events.back()));
    const auto progress = job.all<transfer::Progress>();
    REQUIRE_FALSE(progress.empty());
    CHECK(progress.back().done_bytes == archive.bytes.size());
    CHECK(progress.back().total_bytes == archive.bytes.size());
    CHECK(progress.back().entries > 20);
}

TEST_CASE("every codec is found by its bytes, whatever the name says", "[e2e][bring-in]") {
    const std::string suffix = GENERATE("", ".gz", ".xz", ".zst", ".bz2", ".lz4");
    CAPTURE(suffix);
    const Scene scene;
    const PlainArchive archive(suffix);
    const FinishedJob job = run_job(scene.import(archive.file));
    REQUIRE(job.text() + job.err == job.text());
    CHECK(job.status == 0);
    CHECK(differences(archive.tree, scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("an archive arrives through a pipe, from a fifo and from where a descriptor stands",
          "[e2e][bring-in]") {
    const Scene scene;
    const PlainArchive archive(".gz");
    SECTION("a pipe, written in small pieces") {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        const Fd out(ends[0]);
        Fd in(ends[1]);
        RunningJob job(scene.import(""), Face::Slipway, out.get());
        for (std::size_t i = 0; i < archive.bytes.size(); i += 100) {
            const std::string part = archive.bytes.substr(i, 100);
            REQUIRE(::write(in.get(), part.data(), part.size()) ==
                    static_cast<ssize_t>(part.size()));
        }
        in.reset();
        CHECK(job.finish().status == 0);
    }
    SECTION("a fifo whose writer comes late") {
        const std::filesystem::path fifo = archive.place / "fifo";
        REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
        RunningJob job(scene.import(fifo));
        job.wait_for([](const transfer::Event& event) {
            return std::holds_alternative<transfer::Started>(event);
        });
        write_file(fifo, archive.bytes);
        CHECK(job.finish().status == 0);
    }
    SECTION("a descriptor that stands behind something else") {
        write_file(archive.place / "shifted", "0123456789" + archive.bytes);
        const Fd file(::open((archive.place / "shifted").c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(::lseek(file.get(), 10, SEEK_SET) == 10);
        const FinishedJob job = run_job(scene.import(""), Face::Transfer, file.get());
        CHECK(job.status == 0);
        CHECK(job.all<transfer::Progress>().back().total_bytes == archive.bytes.size());
    }
    CHECK(differences(archive.tree, scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("a file: URL is verified by the documents that lie beside the file", "[e2e][bring-in]") {
    const Scene scene;
    const Publisher publisher;
    const PlainArchive archive;
    Request request = scene.pull("file://" + archive.file.string(), "");
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    SECTION("with them") {
        const std::string sums = sha256_of(archive.bytes) + "  plain.tar\n";
        write_file(archive.place / "SHA256SUMS", sums);
        write_file(archive.place / "SHA256SUMS.asc", publisher.sign(sums));
        const FinishedJob job = run_job(request);
        CHECK(job.err == "");
        CHECK(job.status == 0);
        CHECK(differences(archive.tree, scene.image("plain")) == Lines{});
        CHECK(origin_of(scene.image("plain")).at("source") == request.url);
        CHECK(stages_of(job) == Lines{"verify", "unpack", "sync", "commit"});
    }
    SECTION("without them") {
        check_refused(scene, request, 10, "no checksum or signature found beside");
    }
}

TEST_CASE("a digest on the command line vouches for the bytes, or refuses them",
          "[e2e][bring-in]") {
    const Scene scene;
    HttpServer server;
    const PlainArchive archive(".zst");
    server.serve("/plain.tar", archive.bytes);
    const bool pulled = GENERATE(true, false);
    Request request = pulled ? scene.pull(server.url("/plain.tar")) : scene.import(archive.file);
    request.verify = sha256_of(archive.bytes);
    SECTION("the right one") {
        const FinishedJob job = run_job(request);
        CHECK(job.status == 0);
        CHECK(job.all<transfer::VerdictReached>().at(0).word == "digest-given");
        CHECK(server.requests().size() == (pulled ? 1 : 0));
    }
    SECTION("another one") {
        request.verify[0] = request.verify[0] == '0' ? '1' : '0';
        check_refused(scene, request, 12, sha256_of(archive.bytes));
    }
}

TEST_CASE("an import cannot be verified by documents that nobody has", "[e2e][bring-in]") {
    const Scene scene;
    const PlainArchive archive;
    Request request = scene.import(archive.file);
    request.verify = "signature";
    const FinishedJob job = run_job(request, Face::Transfer);
    CHECK(job.status == 2);
    CHECK(job.text() == "importing '" + archive.file.string() +
                            "': --verify=signature needs a URL: nothing lies beside an input that "
                            "is imported; expected --verify=no or its digest");
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("--force replaces an image, --read-only marks it", "[e2e][bring-in]") {
    const Scene scene;
    const PlainArchive old_one("", 3);
    const PlainArchive new_one("", 5);
    REQUIRE(run_job(scene.import(old_one.file)).status == 0);
    Request request = scene.import(new_one.file);
    check_refused(scene, request, 4, "--force", {"image"});
    CHECK(differences(old_one.tree, scene.image()) == Lines{});

    request = scene.import(new_one.file);
    request.force = true;
    request.read_only = true;
    const FinishedJob job = run_job(request);
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(differences(new_one.tree, scene.image()) == Lines{});
    const std::string listed =
        run_ok({program("slipway"), "--pool=" + scene.pool.path().string(), "list-images"});
    CHECK_THAT(listed, contains("image"));
    CHECK_THAT(listed, contains("directory"));
    CHECK_THAT(listed, contains("yes"));

    CHECK(run_job(scene.remove("image")).status == 0);
    CHECK(scene.leftovers() == Lines{});
    check_refused(scene, scene.remove("image"), 3, "there is no image 'image'");
}

TEST_CASE("C2: the second of two jobs for one name is refused before it fetches anything",
          "[e2e][bring-in]") {
    const Scene scene;
    Publisher publisher;
    const PlainArchive archive(".gz");
    publisher.publish("first.tar.gz", archive.bytes);
    publisher.publish("second.tar.gz", archive.bytes);
    publisher.server.on("/images/first.tar.gz", {stall_after(100)});
    RunningJob first(scene.pull(publisher.url("first.tar.gz")));
    publisher.server.wait_for_requests("/images/first.tar.gz", 1);

    const FinishedJob second = run_job(scene.pull(publisher.url("second.tar.gz")));
    CHECK(second.status == 5);
    CHECK(publisher.server.requests("/images/second.tar.gz").empty());
    publisher.server.release();
    CHECK(first.finish().status == 0);
    CHECK(differences(archive.tree, scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("C3: one URL pulled under two names at once gives two exact images", "[e2e][bring-in]") {
    const Scene scene;
    HttpServer server;
    const PlainArchive archive(".gz", 200);
    server.serve("/a.tar.gz", archive.bytes);
    RunningJob one(scene.pull(server.url("/a.tar.gz"), "one"));
    RunningJob two(scene.pull(server.url("/a.tar.gz"), "two"));
    CHECK(one.finish().status == 0);
    CHECK(two.finish().status == 0);
    CHECK(differences(archive.tree, scene.image("one")) == Lines{});
    CHECK(differences(archive.tree, scene.image("two")) == Lines{});
    CHECK(scene.leftovers({"one", "two"}) == Lines{});
}

TEST_CASE("C4: a name that somebody else takes during the download is refused at the commit",
          "[e2e][bring-in]") {
    const Scene scene;
    HttpServer server;
    const PlainArchive archive(".gz");
    server.serve("/a.tar.gz", archive.bytes);
    server.on("/a.tar.gz", {stall_after(100)});
    RunningJob job(scene.pull(server.url("/a.tar.gz")));
    server.wait_for_requests("/a.tar.gz", 1);
    std::filesystem::create_directory(scene.image());
    write_file(scene.image() / "theirs", "untouched");
    server.release();
    const FinishedJob end = job.finish();
    CHECK(end.status == 4);
    CHECK_THAT(end.text(), contains("exists"));
    CHECK(read_file(scene.image() / "theirs") == "untouched");
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("C7: a job that sweeps leaves the staging of a living one alone", "[e2e][bring-in]") {
    const Scene scene;
    HttpServer server;
    const PlainArchive archive(".gz");
    server.serve("/a.tar.gz", archive.bytes);
    server.on("/a.tar.gz", {stall_after(100)});
    RunningJob slow(scene.pull(server.url("/a.tar.gz"), "slow"));
    server.wait_for_requests("/a.tar.gz", 1);
    for (int i = 0; i < 3; ++i) {
        CHECK(run_job(scene.import(archive.file, "quick" + std::to_string(i))).status == 0);
    }
    server.release();
    CHECK(slow.finish().status == 0);
    CHECK(differences(archive.tree, scene.image("slow")) == Lines{});
    CHECK(scene.leftovers({"quick0", "quick1", "quick2", "slow"}) == Lines{});
}

TEST_CASE("C9: a reader sees the old tree or the new one whole while --force replaces it",
          "[e2e][bring-in]") {
    const Scene scene;
    const PlainArchive old_one("", 3);
    const PlainArchive new_one("", 5);
    REQUIRE(run_job(scene.import(old_one.file)).status == 0);
    Request request = scene.import(new_one.file);
    request.force = true;
    RunningJob job(request);
    std::set<std::string> seen;
    const auto look = [&] {
        const Fd tree(::open(scene.image().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        struct stat info {};
        const bool third = ::fstatat(tree.get(), "d000/f00002", &info, 0) == 0;
        const bool fifth = ::fstatat(tree.get(), "d000/f00004", &info, 0) == 0;
        seen.insert(!tree ? "none" : fifth ? "new" : third ? "old" : "neither");
    };
    while (!seen.contains("new") && !wait_for_end(job.pid(), std::chrono::milliseconds(0))) {
        look();
    }
    CHECK(job.finish().status == 0);
    look();
    seen.erase("neither"); // the old tree, opened just before, while it is deleted
    CHECK(seen == std::set<std::string>{"new", "old"});
}
