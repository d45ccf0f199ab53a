// Features as a table and as JSON, from what the programs say.

#include "cli/feature_list.hh"
#include "tests/catch.hh"

using namespace slipway::cli;

namespace {

const ProgramFeatures kUnpack{
    "slipway-unpack",
    R"({"program": "slipway-unpack", "fences": {"mounts": true, "landlock": 3, "seccomp": false},
        "engines": {"gzip": "ISA-L 2.30.0"}})",
    ""};
const ProgramFeatures kCheck{
    "slipway-check", R"({"engines": {"openpgp": "missing; install the package 'gpg'"}})", ""};
const ProgramFeatures kTransfer{"slipway-transfer",
                                R"({"file_system": {"type": "ext4", "reflink": false}})", ""};

} // namespace

TEST_CASE("answers of the programs become lines", "[cli][features]") {
    CHECK(features_of({kUnpack, kTransfer}) ==
          std::vector<Feature>{
              {"fence", "mounts", "slipway-unpack", true, ""},
              {"fence", "landlock", "slipway-unpack", true, "version 3"},
              {"fence", "seccomp", "slipway-unpack", false, ""},
              {"engine", "gzip", "slipway-unpack", true, "ISA-L 2.30.0"},
              {"file system", "type", "slipway-transfer", true, "ext4"},
              {"file system", "reflink", "slipway-transfer", false, ""},
          });
}

TEST_CASE("K10: an engine that is missing names its package", "[cli][features]") {
    CHECK(features_of({kCheck}) == std::vector<Feature>{{"engine", "openpgp", "slipway-check",
                                                         false, "install the package 'gpg'"}});
}

TEST_CASE("a program that gives no answer is a line with the reason", "[cli][features]") {
    CHECK(features_of({{"slipway-fetch", "", "was killed by signal 31 (Bad system call)"}}) ==
          std::vector<Feature>{{"program", "slipway-fetch", "slipway-fetch", false,
                                "was killed by signal 31 (Bad system call)"}});
    CHECK(features_of({{"slipway-fetch", "<html>", ""}}) ==
          std::vector<Feature>{
              {"program", "slipway-fetch", "slipway-fetch", false, "said '<html>'"}});
    CHECK(features_of({{"slipway-fetch", "[]", ""}}).at(0).here == false);
}

TEST_CASE("features are a table", "[cli][features]") {
    CHECK(feature_list(features_of({kTransfer}), true, false) ==
          "KIND        FEATURE PROGRAM          HERE DETAIL\n"
          "file system type    slipway-transfer yes  ext4\n"
          "file system reflink slipway-transfer no   -\n");
}

TEST_CASE("features in JSON are one object, by program", "[cli][features]") {
    CHECK(feature_list_json({kCheck, {"slipway-fetch", "", "is missing"}}, false) ==
          R"({"slipway-check":{"engines":{"openpgp":"missing; install the package 'gpg'"}},)"
          R"("slipway-fetch":{"problem":"is missing"}})"
          "\n");
}
