// Key rings in every format, alone, together, and beside damaged ones.

#include <string>
#include <vector>

#include "check/key_rings.hh"
#include "check/openpgp_packets.hh"
#include "tests/catch.hh"
#include "tests/verify/publisher.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::verify;
using namespace slipway::check;

namespace {

// What is wrong with a ring that stands alone.
std::string problem_of(std::string_view ring) {
    return KeyRings().add(ring);
}

// The verdict over a right, signed image with these rings, and what was warned of.
struct WithRings {
    Ending ending;
    std::vector<std::string> warnings;
};
WithRings judge_with(const std::string& signature, std::vector<std::string> rings) {
    Publisher publisher;
    publisher.rings = std::move(rings);
    publisher.files["SHA256SUMS"] = right_sums();
    publisher.files["SHA256SUMS.gpg"] = signature;
    Ending ending = publisher.judge(right_digests());
    return {std::move(ending), publisher.warnings};
}

} // namespace

TEST_CASE("G12: armored, binary, concatenated and keybox rings all work", "[verify][keyrings]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string other = keyring.make_key({.owner = "Other <other@example.org>"});
    for (const std::string& signer : {key, other}) {
        const std::string signature = keyring.sign_detached(right_sums(), {.keys = {signer}});
        for (const auto& rings : std::vector<std::vector<std::string>>{
                 {keyring.export_binary()},
                 {keyring.export_armored()},
                 {keyring.export_armored({other}) + "\n" + keyring.export_armored({key})},
                 {keyring.export_binary({other}) + keyring.export_binary({key})},
                 {keyring.export_keybox()},
                 {keyring.export_binary({other}), keyring.export_armored({key})}}) {
            const WithRings result = judge_with(signature, rings);
            CHECK(result.ending.word == VerdictWord::Verified);
            CHECK(result.warnings.empty());
        }
    }
}

TEST_CASE("G12: an empty or damaged ring beside a good one is a warning", "[verify][keyrings]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string good = keyring.export_binary();
    const std::string armored = keyring.export_armored();
    const std::string signature = keyring.sign_detached(right_sums(), {.keys = {key}});
    struct Row {
        std::string ring;
        std::string said;
    };
    for (const Row& row : std::vector<Row>{
             {"", "it is empty"},
             {"hello", "it is not a key ring"},
             {good.substr(0, good.size() - 1), "it is damaged at byte"},
             {armored.substr(0, armored.size() - 40), "the armor has no end"},
             {keyring.export_keybox().substr(0, 100), "it is a damaged keybox"},
             {keyring.export_secret(), "it holds a secret key, which does not belong here"},
             {keyring.sign_detached("x", {.keys = {key}, .armored = false}),
              "it does not begin with a key"}}) {
        for (const bool first : {true, false}) {
            const WithRings result = judge_with(signature, first ? std::vector{row.ring, good}
                                                                 : std::vector{good, row.ring});
            INFO(row.said);
            CHECK(result.ending.word == VerdictWord::Verified);
            REQUIRE(result.warnings.size() == 1);
            CHECK_THAT(result.warnings[0], contains("key ring '") && contains(row.said));
        }
        CHECK(judge_with(signature, {row.ring}).ending.word == VerdictWord::UnknownKey);
    }
}

TEST_CASE("G12: a byte changed anywhere in one ring hides no key of another",
          "[verify][keyrings]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string victim = keyring.make_key({.owner = "V <v@example.org>"});
    const std::string good = keyring.export_binary({key});
    const std::string ring = keyring.export_binary({victim});
    const std::string signature = keyring.sign_detached(right_sums(), {.keys = {key}});
    // Every byte of the packet headers and of the key; what follows only every seventh.
    for (std::size_t i = 0; i < ring.size(); i += i < 64 ? 1 : 7) {
        std::string damaged = ring;
        damaged[i] = static_cast<char>(~damaged[i]);
        INFO("byte " << i);
        CHECK(judge_with(signature, {damaged, good}).ending.word == VerdictWord::Verified);
    }
}

TEST_CASE("a key of another OpenPGP version is left out with a warning", "[verify][keyrings]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    std::string ring;
    append_packet(ring, PacketTag::PublicKey, std::string("\x06", 1) + std::string(40, 'k'));
    append_packet(ring, PacketTag::UserId, "Future <future@example.org>");
    append_packet(ring, PacketTag::Signature, "\x06signature");
    ring += keyring.export_binary();
    const WithRings result =
        judge_with(keyring.sign_detached(right_sums(), {.keys = {key}}), {ring});
    CHECK(result.ending.word == VerdictWord::Verified);
    REQUIRE(result.warnings.size() == 1);
    CHECK_THAT(result.warnings[0], contains("holds 1 key of another OpenPGP version than 4"));
}

TEST_CASE("more key rings than one message holds are all looked at", "[verify][keyrings]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string stranger = keyring.make_key({.owner = "Other <other@example.org>"});
    std::vector<std::string> rings(60, keyring.export_binary({stranger}));
    rings.push_back(keyring.export_binary({key}));
    CHECK(judge_with(keyring.sign_detached(right_sums(), {.keys = {key}}), rings).ending.word ==
          VerdictWord::Verified);
}

TEST_CASE("a ring whose bytes happen to spell a keybox's magic is none", "[verify][keyrings]") {
    // Found by fuzzing. What lies at the magic's place is any part of a key.
    std::string packet = "\x98\x33\x04" + std::string(1, '\0') + "aaa\xdaKBXf";
    packet.resize(2 + 0x33, 'x');
    KeyRings rings;
    const std::string problem = rings.add(packet);
    CHECK_THAT(problem, !contains("keybox"));
}

TEST_CASE("two copies of a key become one", "[verify][keyrings]") {
    Keyring keyring;
    const std::string key = keyring.make_key();
    const std::string before = keyring.export_binary();
    keyring.add_signing_subkey(key);
    const std::string after = keyring.export_binary();
    KeyRings rings;
    CHECK(rings.add(before).empty());
    CHECK(rings.add(after).empty());
    CHECK(rings.add(before).empty());
    CHECK(rings.keys() == 1);
    KeyRings once;
    CHECK(once.add(after).empty());
    CHECK(rings.bytes() == once.bytes());
}

TEST_CASE("a ring names its owners by user id and by mail address", "[verify][keyrings]") {
    Keyring keyring;
    keyring.make_key();
    KeyRings rings;
    REQUIRE(rings.add(keyring.export_binary()).empty());
    CHECK(rings.names("Test Publisher <publisher@example.org>"));
    CHECK(rings.names("publisher@example.org"));
    CHECK_FALSE(rings.names("ublisher@example.org"));
    CHECK_FALSE(rings.names(""));
}

TEST_CASE("packets are split in both header formats", "[verify][packets]") {
    const std::string old_format("\x88\x01X\x89\x00\x02YZ", 8);
    const std::string new_format("\xC2\x01X\xC2\xFF\x00\x00\x00\x02YZ", 11);
    for (const std::string& bytes : {old_format, new_format}) {
        const Packets split = split_packets(bytes);
        REQUIRE(split.packets.size() == 2);
        CHECK(split.packets[0].tag == PacketTag::Signature);
        CHECK(split.packets[0].body == "X");
        CHECK(split.packets[1].body == "YZ");
    }
    std::string long_one;
    append_packet(long_one, PacketTag::UserId, std::string(70000, 'x'));
    CHECK(split_packets(long_one).packets.at(0).body.size() == 70000);
    CHECK(split_packets(std::string("\xC2\xC0\x00", 3) + std::string(192, 'x')).packets.size() ==
          1);
}

TEST_CASE("what is not made of whole packets says where", "[verify][packets]") {
    CHECK(split_packets(std::string("\x88\x01X\x88\x02Y", 6)).problem == "it is damaged at byte 3");
    CHECK(split_packets("\x01").problem == "it is damaged at byte 0");
    CHECK(split_packets(std::string("\x8B", 1) + "x").problem == "it is damaged at byte 0");
    CHECK(split_packets(std::string("\xC2\xE0", 2) + "x").problem == "it is damaged at byte 0");
    CHECK(split_packets(std::string("\xC2\xFF\xFF\xFF\xFF\xFF", 6)).problem ==
          "it is damaged at byte 0");
}

TEST_CASE("a ring's problem is told in one clause", "[verify][keyrings]") {
    CHECK(problem_of("") == "it is empty");
    CHECK(problem_of("text") == "it is not a key ring");
    CHECK(problem_of("-----BEGIN PGP PRIVATE KEY BLOCK-----\n") ==
          "there is no armored PGP PUBLIC KEY BLOCK in it");
    std::string data;
    append_packet(data, static_cast<PacketTag>(11), "literal data");
    CHECK(problem_of(data) == "it holds something else than keys (packet type 11)");
}
