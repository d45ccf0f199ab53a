// Kept downloads: what a pull has brought is there for the next one, and counts for no more than
// what is proven of it again.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "cache/store.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/publisher.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::LogLevel;
using slipway::transfer::Request;

namespace fs = std::filesystem;

namespace {

constexpr const char* kImage = "/images/web.tar.gz";

// Nothing that packs.
std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) {
        state = state * 1'664'525U + 1'013'904'223U;
        byte = static_cast<char>(state >> 24U);
    }
    return bytes;
}

// A tree that a publisher offers as web.tar.gz with its settings, and a cache.
struct Offered {
    Offered() {
        make_plain_tree(place / "tree", 40);
        write_file(place / "tree/noise", noise(100'000));
        archive = pack(place / "tree", ".gz");
        publisher.publish("web.tar.gz", archive);
        publisher.publish("web.nspawn", "[Exec]\nBoot=no\n");
    }

    Request request(const std::string& name = "image",
                    const std::string& verify = "signature") const {
        Request made = scene.pull(publisher.url("web.tar.gz"), name);
        made.verify = verify;
        made.keyrings = {publisher.keyring()};
        made.network.retries = 1;
        made.cache = cache();
        return made;
    }

    /// Pulls and keeps.
    FinishedJob keep(const std::string& name = "first",
                     const std::string& verify = "signature") const {
        Request made = request(name, verify);
        made.keep_download = true;
        FinishedJob job = run_job(made, Face::Transfer);
        INFO(job.text());
        REQUIRE(job.status == 0);
        return job;
    }

    fs::path cache() const { return place / "cache"; }
    fs::path entry() const { return cache() / ("sha256-" + sha256_of(archive)); }

    /// How often it was asked for in this way.
    std::size_t asked(const std::string& path = kImage, const std::string& method = "GET") const {
        const auto seen = publisher.server.requests(path);
        return static_cast<std::size_t>(
            std::count_if(seen.begin(), seen.end(),
                          [&method](const SeenRequest& one) { return one.method == method; }));
    }

    void check_stored(const std::string& name) const {
        CHECK(differences(place / "tree", scene.image(name)) == Lines{});
    }

    Scene scene;
    Publisher publisher;
    TempDir place;
    std::string archive;
};

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool is_hidden(const std::string& name) {
    return name.starts_with(".#slipway-");
}

void change_byte(const fs::path& file, std::size_t offset) {
    std::string content = read_file(file);
    content.at(offset) = static_cast<char>(content.at(offset) ^ 0x20);
    write_file(file, content);
}

/// As check_refused(), of the keeper alone: no option says where the cache is.
std::string check_refused_here(const Scene& scene, const Request& request, int status,
                               const std::string& part, const std::set<std::string>& entries = {}) {
    const FinishedJob job = run_job(request, Face::Transfer);
    CHECK(job.status == status);
    CHECK_THAT(job.text(), contains(part));
    CHECK(job.text().find('\n') == std::string::npos);
    CHECK(unexpected_entries(scene.pool, entries) == Lines{});
    return job.text();
}

bool says(const FinishedJob& job, LogLevel level, const std::string& part) {
    const auto lines = job.lines(level);
    return std::any_of(lines.begin(), lines.end(), [&part](const std::string& line) {
        return line.find(part) != std::string::npos;
    });
}

} // namespace

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
    CHECK(offered.asked(kImage, "HEAD") == 0);
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

TEST_CASE("a damaged entry is an error offline, and is thrown away", "[e2e][kept]") {
    const Offered offered;
    offered.keep();
    change_byte(offered.entry() / "content", 200);
    Request request = offered.request("second");
    request.offline = true;
    check_refused_here(offered.scene, request, 1, "the kept download is damaged",
                       {"first", "first.nspawn"});
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
        server.serve(kImage, resource);
        offered.keep("first", "no");
        pulled(1);
        CHECK(offered.asked(kImage, "HEAD") == 1);
    }
    SECTION("another ETag") {
        server.serve(kImage, resource);
        offered.keep("first", "no");
        resource.etag = "\"v2\"";
        server.serve(kImage, resource);
        pulled(2);
    }
    SECTION("a weak ETag proves nothing") {
        resource.etag = "W/\"v1\"";
        server.serve(kImage, resource);
        offered.keep("first", "no");
        pulled(2);
    }
    SECTION("no ETag, the same time and length") {
        resource.etag.clear();
        server.serve(kImage, resource);
        offered.keep("first", "no");
        pulled(1);
    }
    SECTION("no ETag and another time") {
        resource.etag.clear();
        server.serve(kImage, resource);
        offered.keep("first", "no");
        resource.last_modified = "Wed, 01 Jul 2026 10:00:01 GMT";
        server.serve(kImage, resource);
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

TEST_CASE("offline, image, proofs and what lies beside come from the cache, and no server is asked",
          "[e2e][kept][offline]") {
    Offered offered;
    offered.keep();
    offered.publisher.server.go_down();
    Request request = offered.request("second");
    request.offline = true;
    RunningJob running(request, Face::Transfer);
    running.wait_for_stage("unpack");
    CHECK_FALSE(running.find_child("slipway-fetch"));
    const FinishedJob job = running.finish();
    INFO(job.text());
    CHECK(job.status == 0);
    offered.check_stored("second");
    CHECK(read_file(offered.scene.pool / "second.nspawn") == "[Exec]\nBoot=no\n");
    CHECK(job.all<transfer::VerdictReached>().at(0).word == "verified");
}

TEST_CASE("offline, what nothing was kept of is one line", "[e2e][kept][offline]") {
    const Offered offered;
    Request request = offered.request();
    request.offline = true;
    SECTION("there is no cache") {
        check_refused_here(offered.scene, request, 3,
                           "came from this URL; nothing was stored. See slipway cache list");
    }
    SECTION("another URL") {
        offered.keep();
        request.url = offered.publisher.url("other.tar.gz");
        check_refused_here(offered.scene, request, 3, "came from this URL",
                           {"first", "first.nspawn"});
    }
    SECTION("another digest") {
        offered.keep();
        request.verify = std::string(64, 'a');
        check_refused_here(offered.scene, request, 3, "has the digest that --verify gives",
                           {"first", "first.nspawn"});
    }
    SECTION("proofs that were not asked for then") {
        offered.keep("first", "no");
        const std::string line = check_refused_here(
            offered.scene, request, 10, "were not asked for when this download was kept",
            {"first", "first.nspawn"});
        CHECK_THAT(line, contains("without --offline the server is asked"));
    }
    SECTION("a file beside it that was not asked for then") {
        Request first = offered.request("first");
        first.siblings.settings = false;
        first.keep_download = true;
        REQUIRE(run_job(first, Face::Transfer).status == 0);
        check_refused_here(offered.scene, request, 3,
                           "'web.nspawn', which belongs to the image: ", {"first"});
        request.siblings.settings = false;
        CHECK(run_job(request, Face::Transfer).status == 0);
    }
    CHECK(offered.asked() <= 1);
}

TEST_CASE("offline, documents are judged by today's keys and today's time",
          "[e2e][kept][offline]") {
    Offered offered;
    Keyring ring;
    const std::string key = ring.make_key();
    const auto write_ring = [&] { write_file(offered.place / "own.gpg", ring.export_binary()); };
    write_ring();
    offered.publisher.server.serve(kSignature,
                                   ring.sign_detached(offered.publisher.sums(), {.keys = {key}}));
    Request request = offered.request("first");
    request.keyrings = {offered.place / "own.gpg"};
    request.keep_download = true;
    REQUIRE(run_job(request, Face::Transfer).status == 0);
    request.keep_download = false;
    request.offline = true;
    request.name = "second";
    SECTION("a key that has expired since") {
        run_ok({"gpg", "--homedir", ring.home().string(), "--batch", "--quick-set-expire", key,
                "seconds=1"});
        std::this_thread::sleep_for(2100ms); // the clock of gpg has seconds
        write_ring();
        check_refused_here(offered.scene, request, 11, "expired", {"first", "first.nspawn"});
    }
    SECTION("a key that was revoked since") {
        ring.revoke(key);
        write_ring();
        check_refused_here(offered.scene, request, 11, "revoked", {"first", "first.nspawn"});
    }
    SECTION("a key that is not ours any more") {
        request.keyrings = {offered.publisher.keyring()};
        check_refused_here(offered.scene, request, 11, "", {"first", "first.nspawn"});
    }
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

TEST_CASE("two pulls at once keep one entry, and both are stored", "[e2e][kept]") {
    const Offered offered;
    Request one = offered.request("one");
    one.keep_download = true;
    Request two = offered.request("two");
    two.keep_download = true;
    offered.publisher.server.requests();
    RunningJob first(one, Face::Transfer);
    RunningJob second(two, Face::Transfer);
    CHECK(first.finish().status == 0);
    CHECK(second.finish().status == 0);
    offered.check_stored("one");
    offered.check_stored("two");
    CHECK(names_in(offered.cache()) == Lines{offered.entry().filename()});
    CHECK((read_file(offered.entry() / "content") == offered.archive));
}

TEST_CASE("a cache whose file system is full fails no pull", "[e2e][kept]") {
    if (const auto why = no_mounts()) {
        SKIP(*why);
    }
    Offered offered;
    const MountedFs small("tmpfs", "size=16k,mode=0700");
    Request request = offered.request();
    request.cache = small.path() / "cache";
    request.keep_download = true;
    const FinishedJob job = run_job(request, Face::Transfer);
    INFO(job.text());
    CHECK(job.status == 0);
    offered.check_stored("image");
    CHECK(says(job, LogLevel::Notice, "the download is not kept: No space left on device"));
    CHECK(offered.asked() == 1);
    CHECK(names_in(request.cache) == Lines{});
}

TEST_CASE("where image and kept download do not both fit, the image is stored", "[e2e][kept]") {
    if (const auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 16 * MiB);
    const Scene scene(fs);
    Publisher publisher;
    const TempDir place;
    make_plain_tree(place / "tree", 3);
    write_file(place / "tree/noise", noise(7 * MiB));
    publisher.publish("web.tar", pack(place / "tree"));
    Request request = scene.pull(publisher.url("web.tar"));
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    request.cache = fs / "cache";
    request.keep_download = true;
    const FinishedJob job = run_job(request, Face::Transfer);
    INFO(job.text());
    CHECK(job.status == 0);
    CHECK(differences(place / "tree", scene.image()) == Lines{});
    CHECK(names_in(request.cache) == Lines{});
}

TEST_CASE("no secret of a URL is written to the cache", "[e2e][kept]") {
    const Offered offered;
    Request request = offered.request("first");
    request.url.insert(request.url.find("//") + 2, "user:hunter2@");
    request.url += "?token=tok3nvalue";
    request.keep_download = true;
    const FinishedJob job = run_job(request, Face::Transfer);
    INFO(job.text());
    REQUIRE(job.status == 0);
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(offered.cache())) {
        if (entry.is_regular_file()) {
            const std::string content = read_file(entry.path());
            INFO(entry.path());
            CHECK(content.find("hunter2") == std::string::npos);
            CHECK(content.find("tok3nvalue") == std::string::npos);
            ++files;
        }
    }
    CHECK(files == 6);
    // It is found again by the same query, and by no other.
    request.keep_download = false;
    request.offline = true;
    request.name = "second";
    CHECK(run_job(request, Face::Transfer).status == 0);
    request.url.back() = 'x';
    request.name = "third";
    CHECK(run_job(request, Face::Transfer).status == 3);
}

TEST_CASE("kill -9 while it is kept leaves no entry, and the next that is kept sweeps",
          "[e2e][kept][crash]") {
    Offered offered;
    const std::size_t half = offered.archive.size() / 2;
    offered.publisher.server.on(kImage, {stall_after(half)});
    Request request = offered.request("first");
    request.keep_download = true;
    RunningJob running(request, Face::Transfer);
    running.wait_for_stage("download");
    const auto keeper = running.find_keeper();
    REQUIRE(keeper);
    for (int tries = 0; tries < 600; ++tries) { // until some of it is on disk
        const auto names = names_in(offered.cache());
        const auto hidden = std::find_if(names.begin(), names.end(), is_hidden);
        std::error_code error;
        if (hidden != names.end() &&
            fs::file_size(offered.cache() / *hidden / "content", error) > 0 && !error) {
            break;
        }
        std::this_thread::sleep_for(50ms);
    }
    running.kill(SIGKILL);
    running.finish();
    const auto left = names_in(offered.cache());
    CHECK(std::count_if(left.begin(), left.end(), is_hidden) == 1);
    CHECK_FALSE(fs::exists(offered.entry()));
    offered.publisher.server.release();
    const FinishedJob next = offered.keep("second");
    CHECK(names_in(offered.cache()) == Lines{offered.entry().filename()});
    CHECK((read_file(offered.entry() / "content") == offered.archive));
}

TEST_CASE("a pull that is refused or canceled keeps nothing", "[e2e][kept]") {
    Offered offered;
    Request request = offered.request();
    request.keep_download = true;
    SECTION("refused") {
        offered.publisher.server.serve(kImage, pack(offered.place / "tree", ".gz") + "tail");
        CHECK(run_job(request, Face::Transfer).status == 12);
    }
    SECTION("canceled") {
        offered.publisher.server.on(kImage, {stall_after(1000)});
        RunningJob running(request, Face::Transfer);
        running.wait_for_stage("download");
        running.cancel();
        CHECK(running.finish().status == 9);
    }
    CHECK(names_in(offered.cache()) == Lines{});
    CHECK(unexpected_entries(offered.scene.pool, {}) == Lines{});
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
    CHECK(offered.asked(kImage, "HEAD") == 0);
}

TEST_CASE("the cache stays within its size: who was not used for longest goes", "[e2e][kept]") {
    Offered offered;
    offered.keep();
    const fs::path old = offered.entry();
    offered.archive = pack(offered.place / "tree", "");
    offered.publisher.publish("plain.tar", offered.archive);
    Request request = offered.request("second");
    request.url = offered.publisher.url("plain.tar");
    request.keep_download = true;
    SECTION("both fit") {
        CHECK(run_job(request, Face::Transfer).status == 0);
        CHECK(fs::exists(old));
        CHECK(fs::exists(offered.entry()));
    }
    SECTION("one fits") {
        request.cache_size_bytes = offered.archive.size() + 50'000;
        CHECK(run_job(request, Face::Transfer).status == 0);
        CHECK_FALSE(fs::exists(old));
        CHECK(fs::exists(offered.entry()));
    }
    SECTION("it alone is too large") {
        request.cache_size_bytes = offered.archive.size() - 1;
        const FinishedJob job = run_job(request, Face::Transfer);
        CHECK(job.status == 0);
        CHECK(says(job, LogLevel::Notice, "the download is not kept: it has "));
        CHECK(fs::exists(old));
        CHECK_FALSE(fs::exists(offered.entry()));
    }
    SECTION("too old") {
        request.cache_age_s = 3600;
        const auto time = fs::last_write_time(old / "content");
        fs::last_write_time(old / "content", time - 2h);
        CHECK(run_job(request, Face::Transfer).status == 0);
        CHECK_FALSE(fs::exists(old));
        CHECK(fs::exists(offered.entry()));
    }
}

TEST_CASE("another user's cache is neither read nor written", "[e2e][kept]") {
    if (::geteuid() != 0) {
        SKIP("only root can give a directory away");
    }
    const Offered offered;
    offered.keep();
    REQUIRE(::chown(offered.cache().c_str(), 65534, 65534) == 0);
    Request request = offered.request("second");
    SECTION("online it is passed over") {
        request.keep_download = true;
        const FinishedJob job = run_job(request, Face::Transfer);
        CHECK(job.status == 0);
        CHECK(offered.asked() == 2);
        CHECK(says(job, LogLevel::Notice, "are those of user 65534"));
    }
    SECTION("offline it is an error") {
        request.offline = true;
        check_refused_here(offered.scene, request, 6, "are those of user 65534",
                           {"first", "first.nspawn"});
    }
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
