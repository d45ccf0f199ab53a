// The network is allowed to be bad: the tree is the same, or nothing is stored.

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

constexpr const char* kImage = "/images/a.tar.gz";

// A tree that is published, with enough bytes to be cut anywhere.
struct Published {
    explicit Published(std::uint64_t size_bytes = 100'000) {
        std::filesystem::create_directory(tree);
        make_large_tree(tree, size_bytes);
        archive = pack(tree, ".gz");
        publisher.publish("a.tar.gz", archive);
    }

    Request request(const Scene& scene, const std::string& verify = "signature") const {
        Request made = scene.pull(publisher.url("a.tar.gz"));
        made.verify = verify;
        made.keyrings = {publisher.keyring()};
        return made;
    }

    Publisher publisher;
    TempDir place;
    std::filesystem::path tree = place / "tree";
    std::string archive;
};

void check_same_tree(const Scene& scene, const Published& published, const FinishedJob& job) {
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(differences(published.tree, scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
}

} // namespace

TEST_CASE("N4: a connection cut at any byte is resumed to the same tree", "[e2e][network]") {
    Published published;
    const std::uint64_t size = published.archive.size();
    const std::vector<std::uint64_t> offsets{0,        1,        2,        9,        10,      511,
                                             size / 4, size / 2, size - 9, size - 8, size - 1};
    const std::uint64_t offset = offsets.at(GENERATE(range(0U, 11U)));
    CAPTURE(offset);
    const Scene scene;
    published.publisher.server.on(kImage, {cut_after(offset)});
    const FinishedJob job = run_job(published.request(scene));
    check_same_tree(scene, published, job);
    CHECK(published.publisher.server.requests(kImage).size() == 2);
    const std::vector<std::string> notices = job.lines(transfer::LogLevel::Notice);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0], contains("trying again in 1ms (attempt 1"));
}

TEST_CASE("N4: many cuts and resets in one download are resumed to the same tree",
          "[e2e][network]") {
    Published published;
    const Scene scene;
    std::vector<Behaviour> cuts;
    for (std::uint64_t i = 1; i <= 20; ++i) {
        cuts.push_back(i % 3 == 0 ? reset_after(i * 331) : cut_after(i * 331));
    }
    published.publisher.server.on(kImage, cuts);
    check_same_tree(scene, published, run_job(published.request(scene)));
    CHECK(published.publisher.server.requests(kImage).size() == 21);
}

TEST_CASE("N5: cut on every attempt, it is refused after the stated attempts with what it had",
          "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.on(kImage, {cut_after(1000)});
    published.publisher.server.always(kImage, cut_after(0));
    Request request = published.request(scene);
    request.network.retries = 3;
    const std::string text =
        check_refused(scene, request, 8, "gave up after 3 retries without progress, with 1000");
    CHECK_THAT(text, contains(std::to_string(published.archive.size())));
    CHECK(published.publisher.server.requests(kImage).size() == 4);
}

TEST_CASE("N6: a silent connection counts as cut, and is resumed", "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.on(kImage, {stall_after(5000)});
    Request request = published.request(scene);
    request.network.stall_timeout = 100ms;
    check_same_tree(scene, published, run_job(request));
}

TEST_CASE(
    "N11: an old document from a cache beside a new image is asked for once more, past caches",
    "[e2e][network]") {
    Published published;
    const Scene scene;
    Publisher& publisher = published.publisher;
    const std::string old_sums = publisher.sums();
    const std::string old_signature = publisher.sign(old_sums);

    TempDir place;
    make_large_tree(place.path(), 120'000);
    publisher.publish("a.tar.gz", pack(place.path(), ".gz"));
    const bool refreshed = GENERATE(true, false);
    CAPTURE(refreshed);
    const Behaviour old_list = serving({.content = old_sums});
    const Behaviour old_proof = serving({.content = old_signature});
    if (refreshed) {
        publisher.server.on(kSums, {old_list});
        publisher.server.on(kSignature, {old_proof});
    } else {
        publisher.server.always(kSums, old_list);
        publisher.server.always(kSignature, old_proof);
    }

    const FinishedJob job = run_job(published.request(scene));
    CAPTURE(job.text(), job.err);
    const std::vector<SeenRequest> lists = publisher.server.requests(kSums);
    REQUIRE(lists.size() == 2);
    CHECK(lists.at(0).header("Cache-Control").empty());
    CHECK(lists.at(1).header("Cache-Control") == "no-cache");
    CHECK(publisher.server.requests(kImage).size() == 1);
    if (refreshed) {
        CHECK(job.status == 0);
        CHECK(differences(place.path(), scene.image()) == Lines{});
        CHECK(scene.leftovers({"image"}) == Lines{});
    } else {
        CHECK(job.status == exit_status(VerdictWord::DigestMismatch));
        CHECK_THAT(job.text(), contains("nothing was stored"));
        CHECK(scene.leftovers() == Lines{});
    }
}

TEST_CASE("S1: a server that ignores ranges sends again what is skipped", "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.on(kImage, {cut_after(5000), ignoring_range()});
    check_same_tree(scene, published, run_job(published.request(scene)));
}

TEST_CASE("S4: a content that changes underneath starts over once, documents included",
          "[e2e][network]") {
    Published published;
    const Scene scene;
    Publisher& publisher = published.publisher;
    const std::string old_sums = publisher.sums();
    std::string old_archive = published.archive;

    TempDir place;
    make_large_tree(place.path(), 120'000);
    publisher.publish("a.tar.gz", pack(place.path(), ".gz"));
    publisher.server.on(kSums, {serving({.content = old_sums})});
    publisher.server.on(kSignature, {serving({.content = publisher.sign(old_sums)})});
    publisher.server.on(kImage,
                        {serving({.content = old_archive, .etag = "\"old\""}).cut_after(50'000)});

    const FinishedJob job = run_job(published.request(scene));
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(differences(place.path(), scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
    CHECK(publisher.server.requests(kSums).size() == 2);
    CHECK(publisher.server.requests(kSignature).size() == 2);
    // The cut one, the resumption that finds another version, the fresh start.
    REQUIRE(publisher.server.requests(kImage).size() == 3);
    CHECK(publisher.server.requests(kImage).at(2).header("Range").empty());
    CHECK(publisher.server.requests(kImage).at(2).header("Cache-Control") == "no-cache");
}

TEST_CASE("S4: a content that changes a second time is refused", "[e2e][network]") {
    Published published;
    const Scene scene;
    const std::string archive = published.archive;
    std::vector<Behaviour> versions;
    for (int i = 0; i < 6; ++i) {
        const std::string etag = "\"" + std::to_string(i) + "\"";
        versions.push_back(serving({.content = archive, .etag = etag}).cut_after(50'000));
    }
    published.publisher.server.on(kImage, versions);
    check_refused(scene, published.request(scene), 8, "changed twice");
}

TEST_CASE("S5: without a validator nothing is spliced: the job starts over", "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.serve(kImage, Resource{.content = published.archive, .etag = ""});
    published.publisher.server.on(kImage, {cut_after(5000)});
    check_same_tree(scene, published, run_job(published.request(scene)));
    CHECK(published.publisher.server.requests(kImage).at(1).header("Range").empty());
}

TEST_CASE("S6: without a length the total is unknown and the bytes are counted", "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.always(kImage, GENERATE(chunked(), until_close()));
    const FinishedJob job = run_job(published.request(scene));
    check_same_tree(scene, published, job);
    const auto progress = job.all<transfer::Progress>();
    REQUIRE_FALSE(progress.empty());
    CHECK(progress.back().total_bytes == 0);
    CHECK(progress.back().done_bytes == published.archive.size());
}

TEST_CASE("S8: a body without length that ends early is found by the decoder", "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.always(kImage, until_close().cut_after(5000));
    check_refused(scene, published.request(scene, "no"), 1, "ends at offset 5000");
}

TEST_CASE("S7: an announced length that is too small ends in a digest that differs",
          "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.always(kImage, claiming_length(5000));
    const FinishedJob job = run_job(published.request(scene));
    CHECK(job.status != 0);
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("S14: a body that says it is encoded is taken as sent", "[e2e][network]") {
    Published published;
    const Scene scene;
    published.publisher.server.always(kImage, as_usual().with_header("Content-Encoding", "gzip"));
    check_same_tree(scene, published, run_job(published.request(scene)));
}

TEST_CASE("A1: a truncated archive is refused with stage and offset", "[e2e][network]") {
    Published published;
    const Scene scene;
    const std::uint64_t size = published.archive.size();
    const std::vector<std::uint64_t> offsets{0, 1, 5, 20, size / 2, size - 8, size - 1};
    const std::uint64_t offset = offsets.at(GENERATE(range(0U, 7U)));
    CAPTURE(offset);
    published.publisher.server.serve(kImage, published.archive.substr(0, offset));
    const FinishedJob job = run_job(published.request(scene, "no"));
    CHECK(job.status == 1);
    CHECK(scene.leftovers() == Lines{});
}
