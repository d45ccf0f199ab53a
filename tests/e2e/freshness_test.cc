// Signatures get newer: what was accepted from a place before is remembered between jobs.

#include <string>

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/support/http_server.hh"
#include "tests/support/keyring.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::LogLevel;
using slipway::transfer::Request;

namespace {

constexpr const char* kOld = "20240101T000000!";
constexpr const char* kNew = "20240601T000000!";

// A publisher whose list was signed at one time or another.
struct House {
    Scene scene;
    HttpServer server;
    Keyring keyring;
    TempDir place;
    std::string key = keyring.make_key({.created = "20230101T000000"});
    std::string archive;

    House() {
        const TempDir tree;
        make_plain_tree(tree.path(), 3);
        archive = pack(tree.path(), ".gz");
        write_file(place / "ring.gpg", keyring.export_binary());
        server.serve("/d/a.tar.gz", archive);
    }

    void publish(const std::string& name, const std::string& time) {
        const std::string sums = sha256_of(archive) + "  a.tar.gz\n";
        server.serve("/d/" + name, sums);
        server.serve("/d/" + name + ".gpg",
                     keyring.sign_detached(sums, {.keys = {key}, .time = time}));
    }

    Request pull(const std::string& name) {
        Request request = scene.pull(server.url("/d/a.tar.gz"), name);
        request.verify = "signature";
        request.keyrings = {place / "ring.gpg"};
        request.state = place / "state";
        return request;
    }

    FinishedJob run(const Request& request) { return RunningJob(request, Face::Transfer).finish(); }
};

bool warns_of_age(const FinishedJob& job) {
    for (const std::string& line : job.lines(LogLevel::Warning)) {
        if (line.find("is older than the one of 2024-06-01 00:00:00 UTC") != std::string::npos) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("an older signature than one accepted before is a warning, or refused where asked",
          "[e2e][freshness]") {
    House house;
    house.publish("SHA256SUMS", kNew);
    const FinishedJob first = house.run(house.pull("first"));
    CHECK(first.status == 0);
    CHECK_FALSE(warns_of_age(first));
    house.publish("SHA256SUMS", kOld);
    const FinishedJob second = house.run(house.pull("second"));
    CHECK(second.status == 0);
    CHECK(warns_of_age(second));
    Request strict = house.pull("third");
    strict.refuse_stale = true;
    const FinishedJob third = house.run(strict);
    CHECK(third.status == 11);
    REQUIRE(third.ended);
    CHECK(third.ended->verdict == "stale");
    CHECK_THAT(third.text(), contains("nothing was stored"));
    CHECK(house.scene.leftovers({"first", "second"}).empty());
    CHECK(house.server.requests("/d/a.tar.gz").size() == 2); // not for the one that was refused
    // The older one did not become the newest.
    house.publish("SHA256SUMS", kNew);
    CHECK_FALSE(warns_of_age(house.run(house.pull("fourth"))));
}

TEST_CASE("an older list under another name in the same directory is as old", "[e2e][freshness]") {
    House house;
    house.publish("SHA256SUMS", kNew);
    CHECK(house.run(house.pull("first")).status == 0);
    house.server.remove("/d/SHA256SUMS");
    house.server.remove("/d/SHA256SUMS.gpg");
    house.publish("sha256sum.txt", kOld);
    CHECK(warns_of_age(house.run(house.pull("second"))));
    // What vouches for one file alone is a place of its own.
    house.publish("a.tar.gz.sha256", kOld);
    CHECK_FALSE(warns_of_age(house.run(house.pull("third"))));
}

TEST_CASE("an older list that only a second look finds is as old", "[e2e][freshness]") {
    House house;
    house.publish("SHA256SUMS", kNew);
    CHECK(house.run(house.pull("first")).status == 0);
    // First a list of today that the image does not fit, past caches one of old that it fits.
    const std::string sums = sha256_of("another image") + "  a.tar.gz\n";
    house.publish("SHA256SUMS", kOld);
    house.server.on("/d/SHA256SUMS", {serving({.content = sums})});
    house.server.on("/d/SHA256SUMS.gpg",
                    {serving({.content = house.keyring.sign_detached(
                                  sums, {.keys = {house.key}, .time = kNew})})});
    Request strict = house.pull("second");
    strict.refuse_stale = true;
    const FinishedJob second = house.run(strict);
    CHECK(second.status == 11);
    REQUIRE(second.ended);
    CHECK(second.ended->verdict == "stale");
    CHECK(house.scene.leftovers({"first"}).empty());
}

TEST_CASE("what was refused is not remembered, and without a place for it nothing is",
          "[e2e][freshness]") {
    House house;
    house.publish("SHA256SUMS", kNew);
    std::string changed = house.archive;
    changed[changed.size() / 2] ^= 1;
    house.server.serve("/d/a.tar.gz", changed);
    CHECK(house.run(house.pull("first")).status == 12);
    CHECK_FALSE(std::filesystem::exists(house.place / "state"));
    house.server.serve("/d/a.tar.gz", house.archive);
    Request request = house.pull("second");
    write_file(house.place / "file", "");
    request.state = house.place / "file"; // no directory
    CHECK(house.run(request).status == 0);
}
