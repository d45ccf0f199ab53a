// A bad network under a disk: the same disk, or nothing is stored.

#include <chrono>
#include <csignal>
#include <map>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/publisher.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

constexpr const char* kImage = "/images/a.raw";

// A disk that is published in one form, with what belongs to it.
struct Published {
    explicit Published(const std::string& form = ".zst") {
        make_sparse_disk(disk, 4 * MiB, 512 * KiB);
        if (form == "qcow2") {
            make_qcow2(disk, place / "disk.qcow2", {"-c"});
            image = read_file(place / "disk.qcow2");
        } else {
            image = compress(read_file(disk), form);
        }
        publisher.publish("a.raw", image);
        publisher.publish("a.nspawn", "[Exec]\nBoot=yes\n");
        publisher.publish("a.verity", read_file(disk).substr(0, 70'000));
    }

    Request request(const Scene& scene, const std::string& verify = "signature") const {
        Request made = scene.pull_disk(publisher.url("a.raw"));
        made.verify = verify;
        made.keyrings = {publisher.keyring()};
        return made;
    }

    Publisher publisher;
    TempDir place;
    std::filesystem::path disk = place / "disk.raw";
    std::string image;
};

void check_same(const Scene& scene, const Published& published, const FinishedJob& job) {
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(byte_difference(published.disk, scene.disk()) == "");
    CHECK(scene.leftovers({"image.raw", "image.nspawn", "image.verity"}) == Lines{});
}

} // namespace

TEST_CASE("N4: a disk cut at any byte is resumed to the same disk", "[e2e][raw][network]") {
    const std::string form = GENERATE("", ".zst", "qcow2");
    static std::map<std::string, Published> kinds;
    const auto [found, fresh] = kinds.try_emplace(form, form);
    Published& published = found->second;
    const std::uint64_t size = published.image.size();
    const std::vector<std::uint64_t> offsets{0,        1,        511,      4096,    65'536,
                                             size / 4, size / 2, size - 9, size - 1};
    const std::uint64_t offset = offsets.at(GENERATE(range(0U, 9U)));
    CAPTURE(form, offset, fresh);
    const Scene scene;
    const std::size_t before = published.publisher.server.requests(kImage).size();
    published.publisher.server.on(kImage, {cut_after(offset)});
    const FinishedJob job = run_job(published.request(scene));
    check_same(scene, published, job);
    CHECK(published.publisher.server.requests(kImage).size() == before + 2);
}

TEST_CASE("N4: what lies beside the image is resumed as well", "[e2e][raw][network]") {
    const Scene scene;
    Published published;
    HttpServer& server = published.publisher.server;
    server.on("/images/a.nspawn", {cut_after(0), cut_after(7)});
    server.on("/images/a.verity", {cut_after(1), reset_after(30'000), cut_after(5)});
    check_same(scene, published, run_job(published.request(scene)));
    CHECK(server.requests("/images/a.nspawn").size() == 3);
    CHECK(server.requests("/images/a.verity").size() == 4);
}

TEST_CASE("N5, N6: a silent line counts as cut; cut for ever, a disk is refused",
          "[e2e][raw][network]") {
    const Scene scene;
    Published published;
    Request request = published.request(scene);
    request.network.stall_timeout = 100ms;
    SECTION("once") {
        published.publisher.server.on(kImage, {stall_after(5000)});
        check_same(scene, published, run_job(request));
    }
    SECTION("for ever") {
        published.publisher.server.on(kImage, {cut_after(1000)});
        published.publisher.server.always(kImage, cut_after(0));
        request.network.retries = 3;
        check_refused(scene, request, 8, "gave up after 3 retries without progress, with 1000");
    }
}

TEST_CASE("S4: a disk that changes underneath starts over once, with all that belongs to it",
          "[e2e][raw][network]") {
    const Scene scene;
    Published published;
    Publisher& publisher = published.publisher;
    const std::string old_sums = publisher.sums();
    const std::string old_image = published.image;
    make_sparse_disk(published.disk, 5 * MiB, 768 * KiB);
    publisher.publish("a.raw", compress(read_file(published.disk), ".zst"));
    publisher.server.on(kSums, {serving({.content = old_sums})});
    publisher.server.on(kSignature, {serving({.content = publisher.sign(old_sums)})});
    publisher.server.on(kImage,
                        {serving({.content = old_image, .etag = "\"old\""}).cut_after(50'000)});
    check_same(scene, published, run_job(published.request(scene)));
    CHECK(publisher.server.requests(kSums).size() == 2);
    CHECK(publisher.server.requests("/images/a.nspawn").size() == 2);
    CHECK(publisher.server.requests("/images/a.verity").size() == 1);
}

TEST_CASE("S5: without a validator no two versions of a disk are spliced", "[e2e][raw][network]") {
    const Scene scene;
    Published published("");
    published.publisher.server.serve(kImage, Resource{.content = published.image, .etag = ""});
    published.publisher.server.on(kImage, {cut_after(100'000)});
    check_same(scene, published, run_job(published.request(scene)));
    CHECK(published.publisher.server.requests(kImage).at(1).header("Range").empty());
}

TEST_CASE("S6: a disk of unknown length is counted in bytes", "[e2e][raw][network]") {
    const Scene scene;
    Published published;
    published.publisher.server.always(kImage, GENERATE(chunked(), until_close()));
    const FinishedJob job = run_job(published.request(scene));
    check_same(scene, published, job);
    CHECK(job.lines(transfer::LogLevel::Warning) == Lines{});
    std::vector<transfer::Progress> last;
    for (const transfer::Progress& progress : job.all<transfer::Progress>()) {
        if (progress.stage != "siblings") {
            last = {progress};
        }
    }
    REQUIRE(last.size() == 1);
    CHECK(last[0].total_bytes == 0);
    CHECK(last[0].done_bytes == published.image.size());
}

TEST_CASE("S8, Q8: that the end of a plain disk may be missing is said when nothing can tell",
          "[e2e][raw][network]") {
    const Scene scene;
    Published published("");
    HttpServer& server = published.publisher.server;
    const std::string kWarning = "the server did not say how long the image is, and nothing "
                                 "vouches for it: whether its end is missing cannot be seen";
    server.always(kImage, until_close());
    SECTION("nothing vouches") {
        const FinishedJob job = run_job(published.request(scene, "no"));
        check_same(scene, published, job);
        CHECK(job.lines(transfer::LogLevel::Warning) == Lines{kWarning});
    }
    SECTION("the length is known") {
        server.always(kImage, as_usual());
        const FinishedJob job = run_job(published.request(scene, "no"));
        check_same(scene, published, job);
        CHECK(job.lines(transfer::LogLevel::Warning) == Lines{});
    }
    SECTION("the chunks have an end") {
        server.always(kImage, chunked());
        CHECK(run_job(published.request(scene, "no")).lines(transfer::LogLevel::Warning) ==
              Lines{});
    }
    SECTION("the digest tells") {
        server.always(kImage, until_close().cut_after(2 * MiB));
        check_refused(scene, published.request(scene, "checksum"), 12, "does not match");
    }
    SECTION("a decoder tells") {
        const std::string packed = compress(published.image, ".gz");
        server.serve(kImage, packed);
        server.always(kImage, until_close().cut_after(packed.size() / 2));
        check_refused(scene, published.request(scene, "no"), 1, "ends at offset");
    }
}

TEST_CASE("A1: a truncated disk is refused when its own bytes can tell", "[e2e][raw][network]") {
    const std::string form = GENERATE(".gz", ".xz", ".zst", ".bz2", ".lz4", "qcow2");
    Published published(form);
    const std::uint64_t size = published.image.size();
    const std::vector<std::uint64_t> offsets{20, size / 2,
                                             form == "qcow2" ? size / 8 * 7 : size - 8};
    const std::uint64_t offset = offsets.at(GENERATE(range(0U, 3U)));
    CAPTURE(form, offset);
    const Scene scene;
    published.publisher.server.serve(kImage, published.image.substr(0, offset));
    const FinishedJob job = run_job(published.request(scene, "no"));
    INFO(job.text());
    CHECK(job.status == 1);
    CHECK_THAT(job.text(), contains("nothing was stored"));
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("D11, D12: a disk that differs is called tampered only when a signed statement says so",
          "[e2e][raw][network]") {
    const Scene scene;
    Published published;
    std::string other = read_file(published.disk);
    other[100] = static_cast<char>(other[100] ^ 1);
    published.publisher.server.serve(kImage, compress(other, ".zst"));
    check_refused(scene, published.request(scene), 12, "tampered");
    const std::string text =
        check_refused(scene, published.request(scene, "checksum"), 12, sha256_of(published.image));
    CHECK_THAT(text, !contains("tampered"));
}

TEST_CASE("K2: a disk is canceled at any stage within a second, and nothing is left",
          "[e2e][raw][network]") {
    const int signal = GENERATE(SIGINT, SIGTERM);
    const Scene scene;
    Published published("");
    HttpServer& server = published.publisher.server;
    Request request = published.request(scene);
    request.network.stall_timeout = 60s;
    std::string path;
    SECTION("while a sibling comes") {
        path = "/images/a.nspawn";
        server.always(path, stall_after(5));
    }
    SECTION("while the image comes") {
        path = kImage;
        server.always(path, stall_after(2 * MiB));
    }
    SECTION("while the hash tree comes") {
        path = "/images/a.verity";
        server.always(path, stall_after(10'000));
    }
    RunningJob job(request);
    server.wait_for_requests(path, 1);
    const auto start = std::chrono::steady_clock::now();
    job.kill(signal);
    const FinishedJob end = job.finish();
    CHECK(std::chrono::steady_clock::now() - start < 1s);
    CHECK(end.status == 128 + signal);
    CHECK(end.ended->outcome == transfer::Outcome::Canceled);
    CHECK(scene.leftovers() == Lines{});
}
