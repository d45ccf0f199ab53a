// minisign and signify: what the real tools sign counts, and nothing else does.

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "check/held_keys.hh"
#include "check/minisign.hh"
#include "check/minisign_check.hh"
#include "tests/catch.hh"
#include "tests/support/keyring.hh"
#include "tests/support/minisigner.hh"
#include "verify/base64.hh"
#include "verify/checker.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::verify;
using namespace slipway::check;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kText = "text\n";

HeldKeys held(const std::vector<std::string>& files) {
    HeldKeys keys;
    for (std::size_t i = 0; i < files.size(); ++i) {
        CHECK(keys.add(files[i], "key" + std::to_string(i) + ".pub").empty());
    }
    return keys;
}

Signature checked(const std::string& signature, const HeldKeys& keys) {
    const auto read = read_minisign_signature(signature);
    REQUIRE(read);
    return check_minisign(*read, keys.minisign(), kText);
}

// A file of minisign by its lines.
std::vector<std::string> lines_of(const std::string& file) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < file.size();) {
        const std::size_t end = file.find('\n', at);
        lines.push_back(file.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::string file_of(const std::vector<std::string>& lines) {
    std::string file;
    for (const std::string& line : lines) {
        file += line + "\n";
    }
    return file;
}

std::string to_base64(const std::string& bytes) {
    return run_ok({"base64", "-w", "0"}, {.input = bytes});
}

// The key of `file` with the number of `other`.
std::string with_number_of(const std::string& file, const std::string& other) {
    std::vector<std::string> lines = lines_of(file);
    std::string bytes = from_base64(lines[1]).value();
    bytes.replace(2, 8, from_base64(lines_of(other)[1]).value(), 2, 8);
    lines[1] = to_base64(bytes);
    return file_of(lines);
}

} // namespace

TEST_CASE("G13: legacy and prehashed signatures of minisign and those of signify hold",
          "[verify][minisign]") {
    Minisigner minisign;
    Minisigner signify(Minisigner::Tool::Signify);
    const HeldKeys keys = held({minisign.public_key(), signify.public_key()});
    const Signature prehashed = checked(minisign.sign(kText), keys);
    CHECK(prehashed.status == SignatureStatus::Good);
    CHECK(prehashed.kind == "minisign");
    CHECK(prehashed.fingerprint == minisign.number());
    CHECK(prehashed.primary == minisign.number());
    CHECK(prehashed.rings == std::vector<std::string>{"key0.pub"});
    CHECK(prehashed.owner == minisign.comment());
    CHECK(std::abs(prehashed.created - std::time(nullptr)) < 600);
    CHECK_THAT(prehashed.comment, contains("timestamp:"));
    CHECK_FALSE(prehashed.weak_hash);
    CHECK_FALSE(prehashed.weak_key);
    const Signature legacy = checked(minisign.sign(kText, {.legacy = true}), keys);
    CHECK(legacy.status == SignatureStatus::Good);
    CHECK(legacy.created > 0);
    const Signature two_lines = checked(signify.sign(kText), keys);
    CHECK(two_lines.status == SignatureStatus::Good);
    CHECK(two_lines.kind == "signify");
    CHECK(two_lines.owner == "Publisher public key");
    CHECK(two_lines.rings == std::vector<std::string>{"key1.pub"});
    CHECK(two_lines.created == 0);
    CHECK(two_lines.comment.empty());
}

TEST_CASE("signify reads the two lines of a legacy minisign signature, and so do we",
          "[verify][minisign]") {
    Minisigner minisign;
    std::vector<std::string> lines = lines_of(minisign.sign(kText, {.legacy = true}));
    lines.resize(2);
    const Signature signature = checked(file_of(lines), held({minisign.public_key()}));
    CHECK(signature.status == SignatureStatus::Good);
    CHECK(signature.kind == "signify");
}

TEST_CASE("G13: a key with the right number that did not sign makes it bad", "[verify][minisign]") {
    Minisigner minisign;
    Minisigner other;
    const std::string impostor = with_number_of(other.public_key(), minisign.public_key());
    for (const bool legacy : {true, false}) {
        const std::string signature = minisign.sign(kText, {.legacy = legacy});
        const Signature bad = checked(signature, held({impostor}));
        CHECK(bad.status == SignatureStatus::Bad);
        CHECK(bad.primary == minisign.number());
        CHECK(bad.rings == std::vector<std::string>{"key0.pub"});
        // Beside the right one it does no harm, in either order.
        const Signature after = checked(signature, held({impostor, minisign.public_key()}));
        CHECK(after.status == SignatureStatus::Good);
        CHECK(after.rings == std::vector<std::string>{"key1.pub"});
        const Signature before = checked(signature, held({minisign.public_key(), impostor}));
        CHECK(before.status == SignatureStatus::Good);
        CHECK(before.rings == std::vector<std::string>{"key0.pub"});
        const Signature foreseen =
            foresee_minisign(read_minisign_signature(signature).value(),
                             held({impostor, minisign.public_key()}).minisign());
        CHECK(foreseen.rings == std::vector<std::string>{"key1.pub"});
    }
    const Signature two_lines =
        checked(Minisigner(Minisigner::Tool::Signify).sign(kText), held({minisign.public_key()}));
    CHECK(two_lines.status == SignatureStatus::UnknownKey);
    CHECK(two_lines.primary.empty());
    CHECK(two_lines.rings.empty());
}

TEST_CASE("G13: an altered trusted comment makes it bad", "[verify][minisign]") {
    Minisigner minisign;
    const HeldKeys keys = held({minisign.public_key()});
    for (const bool legacy : {true, false}) {
        std::vector<std::string> lines =
            lines_of(minisign.sign(kText, {.legacy = legacy, .trusted_comment = "timestamp:5"}));
        CHECK(checked(file_of(lines), keys).created == 5);
        for (const std::string comment : {"timestamp:6", "timestamp:5 ", "timestamp:", ""}) {
            lines[2] = "trusted comment: " + comment;
            const Signature bad = checked(file_of(lines), keys);
            CHECK(bad.status == SignatureStatus::Bad);
            CHECK(bad.detail == "its trusted comment was altered");
        }
        lines[2] = "comment: timestamp:5";
        CHECK(checked(file_of(lines), keys).status == SignatureStatus::Bad);
    }
}

TEST_CASE("G13: a missing fourth line makes it bad", "[verify][minisign]") {
    Minisigner minisign;
    const HeldKeys keys = held({minisign.public_key()});
    for (const bool legacy : {true, false}) {
        std::vector<std::string> lines = lines_of(minisign.sign(kText, {.legacy = legacy}));
        lines.pop_back();
        CHECK(checked(file_of(lines), keys).status == SignatureStatus::Bad);
        CHECK(checked(file_of(lines), keys).detail == "its fourth line is missing");
        lines.emplace_back("");
        CHECK(checked(file_of(lines), keys).status == SignatureStatus::Bad);
    }
    // A prehashed one has a comment: else whoever cuts it off takes the time away.
    std::vector<std::string> lines = lines_of(minisign.sign(kText));
    lines.resize(2);
    CHECK(checked(file_of(lines), keys).status == SignatureStatus::Bad);
}

TEST_CASE("G13: with any byte of a signature file changed it does not hold, but for the comment "
          "that nobody signed",
          "[verify][minisign]") {
    Minisigner minisign;
    Minisigner signify(Minisigner::Tool::Signify);
    const HeldKeys keys = held({minisign.public_key(), signify.public_key()});
    for (const std::string& good :
         {minisign.sign(kText), minisign.sign(kText, {.legacy = true}), signify.sign(kText)}) {
        REQUIRE(checked(good, keys).status == SignatureStatus::Good);
        const std::size_t prefix = std::string_view("untrusted comment: ").size();
        const std::size_t first_line = good.find('\n');
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (const unsigned bit : {0x01U, 0x20U, 0x80U}) {
                std::string bad = good;
                bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ bit);
                const auto read = read_minisign_signature(bad);
                const bool holds = read && check_minisign(*read, keys.minisign(), kText).status ==
                                               SignatureStatus::Good;
                INFO("byte " << at << ", bit " << bit);
                CHECK(holds == (at >= prefix && at < first_line));
            }
        }
    }
}

TEST_CASE("G5: with any byte of the text changed a signature of minisign is bad",
          "[verify][minisign]") {
    Minisigner minisign;
    const HeldKeys keys = held({minisign.public_key()});
    for (const bool legacy : {true, false}) {
        const auto read = read_minisign_signature(minisign.sign(kText, {.legacy = legacy}));
        for (std::size_t at = 0; at < kText.size(); ++at) {
            std::string text(kText);
            text[at] ^= 1;
            CHECK(check_minisign(*read, keys.minisign(), text).status == SignatureStatus::Bad);
        }
        CHECK(check_minisign(*read, keys.minisign(), "").status == SignatureStatus::Bad);
    }
}

TEST_CASE("public keys of minisign and signify are read, others are told what they are",
          "[verify][minisign]") {
    Minisigner minisign;
    const std::string good = minisign.public_key();
    const std::vector<std::string> lines = lines_of(good);
    const std::string bytes = from_base64(lines[1]).value();
    CHECK(read_minisign_key(good).key->number == minisign.number());
    CHECK(read_minisign_key(good).key->key == bytes.substr(10));
    CHECK(read_minisign_key(lines[0] + "\r\n" + lines[1] + "\r\n").key);
    CHECK(read_minisign_key(lines[0] + "\n" + lines[1]).key);
    struct Row {
        std::string content;
        std::string problem;
    };
    const std::string damaged = "it is a damaged minisign key";
    const std::vector<Row> rows{
        {lines[0], damaged},
        {lines[0] + "\n\n", damaged},
        {lines[0] + "\n" + lines[1].substr(4) + "\n", damaged},
        {lines[0] + "\n" + lines[1] + " \n", damaged},
        {lines[0] + "\n" + to_base64("ED" + bytes.substr(2)) + "\n", damaged},
        {lines[0] + "\n" + to_base64(bytes + "x") + "\n", damaged},
        {lines[0] + "\n" + to_base64(bytes + std::string(62, 'x')) + "\n",
         "it holds a secret key, which does not belong here"},
        {good + good, "it holds more than one minisign key; put each into a file of its own"},
    };
    for (const Row& row : rows) {
        INFO(row.content);
        CHECK(read_minisign_key(row.content).problem == row.problem);
        CHECK_FALSE(read_minisign_key(row.content).key);
    }
}

TEST_CASE("the time of a trusted comment is the one that minisign writes", "[verify][minisign]") {
    CHECK(minisign_time("timestamp:1795648263\tfile:t\thashed") == 1'795'648'263);
    CHECK(minisign_time("timestamp:1795648263") == 1'795'648'263);
    CHECK(minisign_time("timestamp:1795648263 and more") == 1'795'648'263);
    for (const std::string none :
         {"", "timestamp:", "timestamp:x", "timestamp:-1", "timestamp:0", "timestamp:12x",
          "file:t timestamp:12", "timestamp:99999999999", "timestamp:99999999999999999999"}) {
        CHECK(minisign_time(none) == 0);
    }
}

TEST_CASE("keys are told apart by their bytes, whatever their files are called",
          "[verify][minisign]") {
    Minisigner minisign;
    Keyring keyring;
    const std::string key = keyring.make_key();
    const TempDir directory;
    write_file(directory / "one.asc", minisign.public_key());
    write_file(directory / "two.pub", keyring.export_armored());
    write_file(directory / "three.pub", keyring.export_binary());
    const SignatureChecker checker(
        {directory / "one.asc", directory / "two.pub", directory / "three.pub"});
    const SignatureReport first = checker.check_detached(kText, minisign.sign(kText), {});
    CHECK(first.warnings.empty());
    CHECK(first.keys == 2);
    REQUIRE(first.signatures.size() == 1);
    CHECK(first.signatures[0].status == SignatureStatus::Good);
    CHECK(first.signatures[0].rings == std::vector<std::string>{(directory / "one.asc").string()});
    const SignatureReport second =
        checker.check_detached(kText, keyring.sign_detached(kText, {.keys = {key}}), {});
    REQUIRE(second.signatures.size() == 1);
    CHECK(second.signatures[0].status == SignatureStatus::Good);
    CHECK(second.signatures[0].rings ==
          std::vector<std::string>{(directory / "two.pub").string(),
                                   (directory / "three.pub").string()});
}

TEST_CASE("a comment that would colour a terminal is escaped", "[verify][minisign]") {
    Minisigner minisign;
    const std::string file =
        "untrusted comment: \x1b[31mred\n" + lines_of(minisign.public_key())[1];
    const Signature signature =
        checked(minisign.sign(kText, {.trusted_comment = "\x1b[31mred"}), held({file}));
    CHECK(signature.status == SignatureStatus::Good);
    CHECK(signature.owner == "\\x1b[31mred");
    CHECK(signature.comment == "\\x1b[31mred");
}
