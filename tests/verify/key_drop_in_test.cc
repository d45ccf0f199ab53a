// What a drop-in says, and what is told of a wrong one.

#include <string>

#include <fmt/format.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "verify/key_drop_in.hh"

using namespace slipway;
using namespace slipway::verify;

namespace {

const std::string kUbuntu = "D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81";
const std::string kUseful = "[Key]\nFingerprint=" + kUbuntu + "\nMatch=https://host/o/\n";

KeyBinding parse(const std::string& text) {
    return parse_drop_in("/etc/slipway/keys.d/ubuntu.conf", text);
}

} // namespace

TEST_CASE("a drop-in binds the keys of the file beside it", "[verify][keys]") {
    const KeyBinding binding = parse(kUseful);
    CHECK(binding.problem.empty());
    CHECK(binding.name == "ubuntu");
    CHECK(binding.file == "/etc/slipway/keys.d/ubuntu.asc");
    CHECK(binding.fingerprints == std::vector<std::string>{kUbuntu});
    CHECK(binding.prefixes == std::vector<std::string>{"https://host/o"});
    CHECK_FALSE(binding.accept_expired);
    CHECK_FALSE(binding.refuse_stale);
}

TEST_CASE("a drop-in has several fingerprints and places, spelled as people do", "[verify][keys]") {
    const KeyBinding binding =
        parse("# from the key page\n[Key]\nFile = own.pub\n"
              "Fingerprint=d2eb 4462 6fdd c30b 513d  5bb7 1a5d 6c4c 7db8 7c81\n"
              "Fingerprint=" +
              kUbuntu +
              "\nFingerprint=0123456789abcdef\n"
              "Match=https://HOST:443/o\nMatch=http://host/o\n"
              "Match=file:///srv/\nExpired=accept-if-signed-before\n"
              "Stale=refuse\n");
    CHECK(binding.problem.empty());
    CHECK(binding.file == "/etc/slipway/keys.d/own.pub");
    CHECK(binding.fingerprints == std::vector<std::string>{kUbuntu, "0123456789ABCDEF"});
    CHECK(binding.prefixes ==
          std::vector<std::string>{"https://host/o", "http://host/o", "file:///srv"});
    CHECK(binding.accept_expired);
    CHECK(binding.refuse_stale);
}

TEST_CASE("a wrong drop-in is told with file, line and what was expected", "[verify][keys]") {
    struct Row {
        std::string text;
        const char* problem;
    };
    const std::string newer(64, 'A');
    for (const Row& row : {
             Row{"[Key]\n", "ubuntu.conf: no Fingerprint="},
             Row{"[Key]\nFingerprint=" + kUbuntu + "\n", "ubuntu.conf: no Match="},
             Row{"[Key]\nMatch=https://host/\n", "ubuntu.conf: no Fingerprint="},
             Row{"[Key]\nFingerprint=D2EB\n",
                 "ubuntu.conf:2: Fingerprint: 'D2EB' is no fingerprint; expected 40"},
             Row{"[Key]\nFingerprint=" + newer + "\n", "version 5 or 6, which is not supported"},
             Row{"[Key]\n\nMatch=host/o\n", "ubuntu.conf:3: Match: URL 'host/o' is not supported"},
             Row{"[Key]\nMatch=\n", "ubuntu.conf:2: Match: "},
             Row{"[Key]\nMatch=https://host/?a\n", "ubuntu.conf:2: Match: "},
             Row{"[Key]\nFile=/etc/ubuntu.asc\n", "ubuntu.conf:2: File: '/etc/ubuntu.asc'"},
             Row{"[Key]\nFile=ubuntu.key\n", ".asc, .gpg, .pgp, .pub"},
             Row{"[Key]\nExpired=accept\n", "expected refuse or accept-if-signed-before"},
             Row{"[Key]\nStale=yes\n", "expected warn or refuse"},
             Row{"[Key]\nFingerpint=" + kUbuntu + "\n", "was Fingerprint meant?"},
             Row{"[Key]\nColour=red\n", "expected one of File, Fingerprint, Match, Expired, Stale"},
             Row{"[Keys]\nFile=ubuntu.asc\n", "there is no section 'Keys'; expected [Key]"},
             Row{"File=ubuntu.asc\n", "ubuntu.conf:1: "},
             Row{"[Key]\nnonsense\n", "ubuntu.conf:2: neither a [Section] nor Key=Value"},
         }) {
        INFO(row.text);
        CHECK_THAT(parse(row.text).problem, contains(row.problem));
    }
}

TEST_CASE("the first problem is told, and a good rest does not make up for it", "[verify][keys]") {
    CHECK_THAT(parse("[Key]\nStale=yes\nColour=red\n" + kUseful).problem,
               contains("ubuntu.conf:2: Stale: "));
}

TEST_CASE("of a wrong drop-in every place that it states is kept", "[verify][keys]") {
    const std::string wrong =
        GENERATE(std::string("[Key]\nColour=red\n"), "[Key]\nnonsense\n", "[Key\n", "nonsense\n",
                 "[Key]\nFile=" + std::string(300, 'x') + "\n", "[Key]\nFile=\xff\n",
                 std::string("[Key]\nFile=\0.asc\n", 17), "[Key]\nMatch=no URL\n", "[Kay]\n");
    const KeyBinding binding = parse(wrong + "  Match = https://host/o/ \r\nMatch=http://host\n");
    INFO(wrong);
    CHECK_FALSE(binding.problem.empty());
    CHECK(binding.prefixes == std::vector<std::string>{"https://host/o", "http://host"});
}
