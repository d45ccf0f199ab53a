// From `slipway keys add` to a verified image: with an /etc that only these tests see.

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher.hh"
#include "tests/support/private_network.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::Request;
namespace fs = std::filesystem;

namespace {

const fs::path kKeys = "/etc/slipway/keys.d";

// What one test has put there is not there for the next.
std::optional<std::string> begin_without_keys() {
    auto why = use_private_network();
    if (!why) {
        point_hosts_here({});
        fs::remove_all(kKeys);
    }
    return why;
}

Publisher& publisher() {
    static Publisher one;
    static const bool published = [] {
        const TempDir place;
        make_plain_tree(place.path(), 5);
        one.publish("a.tar.gz", pack(place.path(), ".gz"));
        return true;
    }();
    static_cast<void>(published);
    return one;
}

void keys(std::vector<std::string> words) {
    words.insert(words.begin(), {program("slipway").string(), "keys"});
    words.emplace_back("--yes");
    run_ok(words);
}

void add_publishers_key(std::vector<std::string> words) {
    words.insert(words.begin(), {"add", publisher().keyring().string(), "publisher"});
    keys(std::move(words));
}

void add_stranger(const std::string& match) {
    Keyring stranger;
    stranger.make_key();
    const TempDir place;
    write_file(place / "stranger.asc", stranger.export_armored());
    keys({"add", (place / "stranger.asc").string(), "--match=" + match});
}

Request signed_pull(const Scene& scene, const std::string& host = "127.0.0.1") {
    Request request = scene.pull(publisher().server.url("/images/a.tar.gz", host));
    request.verify = "signature";
    return request;
}

void check_unknown(const Scene& scene, const Request& request, const std::string& clause) {
    const std::size_t before = publisher().server.requests("/images/a.tar.gz").size();
    const std::string text = check_refused(scene, request, 11, "an unknown key here");
    CHECK_THAT(text,
               contains(publisher().key()) && contains(clause) && contains("nothing was stored"));
    CHECK(publisher().server.requests("/images/a.tar.gz").size() == before);
}

} // namespace

TEST_CASE("G4: a signed image is stored after one `keys add`, and no more after `keys remove`",
          "[e2e][keys]") {
    if (auto why = begin_without_keys()) {
        SKIP(*why);
    }
    const Scene scene;
    check_unknown(scene, signed_pull(scene), "");
    add_publishers_key({"--fingerprint=" + publisher().key()});
    const FinishedJob job = run_job(signed_pull(scene));
    INFO(job.err);
    CHECK(job.status == 0);
    const auto verdicts = job.all<transfer::VerdictReached>();
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].key == publisher().key());
    keys({"remove", "publisher"});
    const Scene second;
    check_unknown(second, signed_pull(second), "");
}

TEST_CASE("G11: a key that is pinned to a place counts there, and nowhere else", "[e2e][keys]") {
    if (auto why = begin_without_keys()) {
        SKIP(*why);
    }
    const Scene scene;
    add_publishers_key({"--match=" + publisher().server.url("/images/")});
    CHECK(run_job(signed_pull(scene)).status == 0);
    const Scene other;
    check_unknown(other, signed_pull(other, "localhost"),
                  "'publisher.conf' pins it to another place");
    check_unknown(other, signed_pull(other, "publisher@localhost"),
                  "'publisher.conf' pins it to another place");
}

TEST_CASE("G11: a place that is reserved for another key takes that key or nothing",
          "[e2e][keys]") {
    if (auto why = begin_without_keys()) {
        SKIP(*why);
    }
    const Scene scene;
    add_publishers_key({});
    add_stranger(publisher().server.url("/"));
    check_unknown(scene, signed_pull(scene),
                  "this place is reserved for another key by 'stranger.conf'");
    CHECK(run_job(signed_pull(scene, "localhost")).status == 0);
}

TEST_CASE("G11: a drop-in that is wrong lets its key count nowhere, and says so", "[e2e][keys]") {
    if (auto why = begin_without_keys()) {
        SKIP(*why);
    }
    const Scene scene;
    add_publishers_key({"--match=" + publisher().server.url("/images/")});
    write_file(kKeys / "publisher.conf", read_file(kKeys / "publisher.conf") + "Expried=refuse\n");
    check_unknown(scene, signed_pull(scene), "whose drop-in 'publisher.conf' is wrong");
    const FinishedJob job = run_job(signed_pull(scene));
    const auto warnings = job.lines(transfer::LogLevel::Warning);
    CHECK(std::any_of(warnings.begin(), warnings.end(), [](const std::string& line) {
        return line.find("publisher.conf:5: ") != std::string::npos &&
               line.find("was Expired meant?") != std::string::npos;
    }));
}

TEST_CASE("G7: what an expired key signed before its expiry counts where its drop-in says so",
          "[e2e][keys]") {
    if (auto why = begin_without_keys()) {
        SKIP(*why);
    }
    Keyring ring;
    const std::string key = ring.make_key({.created = "20200101T000000", .expires = "2d"});
    Publisher other; // the same image, signed by the old key
    const TempDir place;
    make_plain_tree(place.path(), 5);
    other.publish("a.tar.gz", pack(place.path(), ".gz"));
    other.server.serve(
        kSignature, ring.sign_detached(other.sums(), {.keys = {key}, .time = "20200102T000000"}));
    write_file(place / "old.asc", ring.export_armored());
    keys({"add", (place / "old.asc").string(), "--match=" + other.server.url("/")});
    const Scene scene;
    Request request = scene.pull(other.url("a.tar.gz"));
    request.verify = "signature";
    check_refused(scene, request, 11, "expired on 2020-01-03");
    write_file(kKeys / "old.conf",
               read_file(kKeys / "old.conf") + "Expired=accept-if-signed-before\n");
    const FinishedJob job = run_job(request);
    INFO(job.err);
    CHECK(job.status == 0);
}

TEST_CASE("G12: files of keys that are empty or damaged are warnings beside a good one",
          "[e2e][keys]") {
    if (auto why = begin_without_keys()) {
        SKIP(*why);
    }
    add_publishers_key({});
    write_file(kKeys / "damaged.gpg", read_file(publisher().keyring()).substr(0, 60));
    write_file(kKeys / "text.asc", "no key\n");
    const Scene scene;
    const FinishedJob job = run_job(signed_pull(scene));
    INFO(job.err);
    CHECK(job.status == 0);
    std::string warnings;
    for (const std::string& line : job.lines(transfer::LogLevel::Warning)) {
        warnings += line + "\n";
    }
    CHECK_THAT(warnings, contains("damaged.gpg'") && contains("text.asc'"));
}
