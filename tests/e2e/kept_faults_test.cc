// Kept downloads when something goes wrong: a full disk, a kill, two at once, other users.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include <unistd.h>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "tests/e2e/kept_download.hh"
#include "tests/e2e/processes.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::LogLevel;
using slipway::transfer::Request;

namespace fs = std::filesystem;

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
    offered.publisher.server.on(kKeptImage, {stall_after(half)});
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
        offered.publisher.server.serve(kKeptImage, pack(offered.place / "tree", ".gz") + "tail");
        CHECK(run_job(request, Face::Transfer).status == 12);
    }
    SECTION("canceled") {
        offered.publisher.server.on(kKeptImage, {stall_after(1000)});
        RunningJob running(request, Face::Transfer);
        running.wait_for_stage("download");
        running.cancel();
        CHECK(running.finish().status == 9);
    }
    CHECK(names_in(offered.cache()) == Lines{});
    CHECK(unexpected_entries(offered.scene.pool, {}) == Lines{});
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
