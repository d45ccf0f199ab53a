// What goes to the daemon of a command line.

#include <filesystem>

#include "base/error.hh"
#include "base/json.hh"
#include "cli/job_request.hh"
#include "cli/submission.hh"
#include "tests/catch.hh"

using namespace slipway;
using Words = std::vector<std::string>;
using nlohmann::json;

namespace {

json submission_of(const Words& words) {
    const cli::Invocation asked = cli::parse(words);
    const cli::Said said{asked.options.verify.has_value(), asked.options.keep_download.has_value()};
    switch (asked.verb) {
    case cli::Verb::ImportTar:
        return json::parse(cli::submission(import_request(transfer::Verb::ImportTar, asked),
                                           cli::source_of(asked.operands[0]), said));
    case cli::Verb::ImportFs:
        return json::parse(
            cli::submission(import_fs_request(asked), cli::source_of(asked.operands[0]), said));
    default:
        return json::parse(cli::submission(pull_request(transfer::Verb::PullRaw, asked), "", said));
    }
}

} // namespace

TEST_CASE("what nobody asked for is left to the daemon", "[cli][submission]") {
    CHECK(submission_of({"pull-raw", "http://h/x.raw"}) ==
          json({{"protocol", 1}, {"verb", "pull-raw"}, {"name", ""}, {"url", "http://h/x.raw"}}));
    CHECK(submission_of({"pull-raw", "u", "--verify=signature"}).at("verify") == "signature");
}

TEST_CASE("what was asked for is said, and no more of its group", "[cli][submission]") {
    const json all = submission_of({"pull-raw", "u", "n", "--max-size=1G", "--stall-timeout=5",
                                    "--verity=no", "--keyring=/k.gpg", "--read-only"});
    CHECK(all == json::parse(R"({"protocol": 1, "verb": "pull-raw", "name": "n", "url": "u",
                                 "limits": {"size": 1073741824},
                                 "network": {"stall_timeout_ms": 5000},
                                 "siblings": {"verity": false}, "keyrings": ["/k.gpg"],
                                 "read_only": true})"));
}

TEST_CASE("a wish about the download is said, and else left to the daemon", "[cli][submission]") {
    CHECK_FALSE(submission_of({"pull-raw", "u"}).contains("keep_download"));
    CHECK(submission_of({"pull-raw", "u", "--keep-download"}).at("keep_download") == true);
    CHECK(submission_of({"pull-raw", "u", "--keep-download=no"}).at("keep_download") == false);
    CHECK(submission_of({"pull-raw", "u", "--offline"}).at("offline") == true);
}

TEST_CASE("an import has a name, a source and no path", "[cli][submission]") {
    const json tar = submission_of({"import-tar", "x/../web.tar.gz"});
    CHECK(tar == json({{"protocol", 1},
                       {"verb", "import-tar"},
                       {"name", "web"},
                       {"verify", "no"},
                       {"source", (std::filesystem::current_path() / "web.tar.gz").string()}}));
    CHECK(submission_of({"import-tar", "-", "web.tar"}).at("source") == "-");
    CHECK(submission_of({"import-fs", "/srv/web.tar/"}).at("name") == "web.tar");
    CHECK_THROWS_AS(submission_of({"import-tar", "web.tar", "a/b"}), Error);
}

TEST_CASE("a file whose name is not UTF-8 is called so that a list can hold it",
          "[cli][submission]") {
    CHECK(submission_of({"import-tar", "/srv/\xff.tar", "web"}).at("source") == "/srv/\\xff.tar");
}
