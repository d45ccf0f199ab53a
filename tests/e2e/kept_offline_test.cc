// Kept downloads without a network: the cache alone, judged by today's keys and time.

#include <chrono>
#include <string>
#include <thread>

#include "tests/catch.hh"
#include "tests/e2e/kept_download.hh"
#include "tests/e2e/processes.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

TEST_CASE("a damaged entry is an error offline, and is thrown away", "[e2e][kept]") {
    const Offered offered;
    offered.keep();
    change_byte(offered.entry() / "content", 200);
    Request request = offered.request("second");
    request.offline = true;
    check_refused_here(offered.scene, request, 1, "the kept download is damaged",
                       {"first", "first.nspawn"});
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
