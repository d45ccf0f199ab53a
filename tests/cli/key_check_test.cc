// What is told of keys, and when.

#include <chrono>
#include <string>

#include "cli/key_check.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::cli;

namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::int64_t kNow = 1'790'000'000; // 2026-09-21
const auto kClock = std::chrono::system_clock::from_time_t(kNow);

verify::ListedKey sound(char digit = 'A') {
    return {.kind = "OpenPGP",
            .fingerprint = std::string(40, digit),
            .owners = {"Publisher <p@example.org>"},
            .algorithm = "RSA 4096",
            .files = {"/keys/own.asc"},
            .created = 1'600'000'000};
}

std::vector<KeyFinding> check(const verify::ListedKey& key) {
    return check_keys({}, {.keys = {key}, .warnings = {}}, kClock);
}

std::string problem(const verify::ListedKey& key) {
    const auto findings = check(key);
    REQUIRE(findings.size() <= 1);
    return findings.empty() ? "" : findings.front().problem;
}

} // namespace

TEST_CASE("of a sound key nothing is told", "[cli][keys]") {
    CHECK(check(sound()).empty());
    CHECK(key_findings({}).empty());
    CHECK(key_findings_json({}, false) == "[]\n");
}

TEST_CASE("an expiry is told thirty days ahead, of the key and of what signs for it",
          "[cli][keys]") {
    struct Row {
        std::int64_t expires;
        std::int64_t signs_until;
        const char* problem;
    };
    for (const Row& row : {
             Row{kNow + 31 * kDay, kNow + 31 * kDay, ""},
             Row{kNow + 30 * kDay, kNow + 30 * kDay, "expires"},
             Row{kNow + kDay / 2, 0, "expires"},
             Row{kNow, kNow, "expired"},
             Row{kNow - 400 * kDay, kNow - 400 * kDay, "expired"},
             Row{0, kNow + 31 * kDay, ""},
             Row{0, kNow + 3 * kDay, "expires"},
             Row{kNow + 300 * kDay, kNow - kDay, "expired"},
         }) {
        INFO((row.expires - kNow) / kDay << " " << (row.signs_until - kNow) / kDay);
        verify::ListedKey key = sound();
        key.expires = row.expires;
        key.signs_until = row.signs_until;
        CHECK(problem(key) == row.problem);
    }
}

TEST_CASE("the sentence says which key, when, and what to do", "[cli][keys]") {
    verify::ListedKey key = sound();
    key.expires = key.signs_until = kNow + 12 * kDay;
    CHECK(check(key).front().text == "key " + key.fingerprint +
                                         " (Publisher <p@example.org>) expires on 2026-10-03, in "
                                         "12 days: refresh the key file");
    key.expires = 0;
    CHECK_THAT(check(key).front().text, contains("the last subkey that signs of key"));
    key.signs_until = kNow - kDay;
    CHECK_THAT(check(key).front().text, contains("has no subkey that can sign since 2026-09-20"));
}

TEST_CASE("revoked and weak keys are told, the worst of one key alone", "[cli][keys]") {
    verify::ListedKey key = sound();
    key.weak = true;
    CHECK(problem(key) == "weak");
    key.revoked = true;
    key.expires = kNow - kDay;
    CHECK(problem(key) == "revoked");
}

TEST_CASE("G12: files and drop-ins that are wrong are told", "[cli][keys]") {
    verify::KeyStore store;
    store.warnings = {"/etc/slipway/keys.d/own.conf:2: …"};
    const auto findings = check_keys(
        store, {.keys = {sound()}, .warnings = {"key ring '/x.gpg': it is empty"}}, kClock);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].problem == "unreadable");
    CHECK(findings[1].problem == "wrong-drop-in");
    CHECK(key_findings(findings) ==
          "key ring '/x.gpg': it is empty\n/etc/slipway/keys.d/own.conf:2: …\n");
}

TEST_CASE("a drop-in whose key no file holds is told", "[cli][keys]") {
    verify::KeyStore store;
    verify::KeyBinding binding;
    binding.conf = "/etc/slipway/keys.d/own.conf";
    binding.file = "/etc/slipway/keys.d/own.pub";
    verify::ListedKey held = sound();
    SECTION("whatever file holds an OpenPGP key") {
        binding.fingerprints = {held.fingerprint, std::string(40, 'B')};
    }
    SECTION("a minisign key has to be in the drop-in's own") {
        held.fingerprint = std::string(16, 'A');
        binding.fingerprints = {held.fingerprint};
    }
    store.bindings = {binding};
    const auto findings = check_keys(store, {.keys = {held}, .warnings = {}}, kClock);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].problem == "missing-key");
    CHECK(findings[0].fingerprint == binding.fingerprints.back());
    CHECK_THAT(findings[0].text, contains("'/etc/slipway/keys.d/own.conf' pins "));
}

TEST_CASE("findings as JSON", "[cli][keys]") {
    CHECK(key_findings_json({{"weak", "AB", "it is \"weak\""}, {"unreadable", "", "x"}}, false) ==
          R"([{"problem":"weak","fingerprint":"AB","text":"it is \"weak\""},)"
          R"({"problem":"unreadable","fingerprint":null,"text":"x"}])"
          "\n");
}
