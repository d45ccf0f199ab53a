// Requests of our own bus name, as text.

#include <fcntl.h>

#include "importd/submit_request.hh"
#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::importd;
using namespace slipway::tests;

namespace {

std::string refusal(const std::string& json, std::vector<Fd> descriptors = {}) {
    try {
        parse_submit_request(json, std::move(descriptors));
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

std::vector<Fd> one_file(const TempDir& directory) {
    write_file(directory / "file", "x");
    std::vector<Fd> list;
    list.push_back(open_file(directory / "file", O_RDONLY));
    return list;
}

} // namespace

TEST_CASE("a submission takes class, source and everything of a request", "[importd]") {
    const SubmitRequest pull = parse_submit_request(
        R"({"protocol": 1, "verb": "pull-raw", "url": "https://h/a.raw", "class": "sysext",
            "name": "b", "verify": "checksum", "force": true, "read_only": true})",
        {});
    CHECK(pull.submission.request.verb == transfer::Verb::PullRaw);
    CHECK(pull.submission.request.url == "https://h/a.raw");
    CHECK(pull.submission.request.name == "b");
    CHECK(pull.submission.request.verify == "checksum");
    CHECK(pull.submission.request.force);
    CHECK(pull.submission.request.read_only);
    CHECK(pull.submission.request.id.empty());
    CHECK(pull.submission.request.pool.empty());
    CHECK(pull.submission.image_class == "sysext");
    CHECK_FALSE(pull.submission.one_per_url);
    CHECK(pull.of_root.empty());

    const TempDir directory;
    const SubmitRequest import = parse_submit_request(
        R"({"protocol": 1, "verb": "import-tar", "name": "b", "source": "a.tar"})",
        one_file(directory));
    CHECK(import.submission.image_class == "machine");
    CHECK(import.submission.source == "a.tar");
    CHECK(import.submission.request.verify.empty()); // the configuration's
    CHECK_FALSE(import.submission.own_network);
    CHECK(import.submission.input);
}

TEST_CASE("what is kept is anybody's wish; where and how much is the daemon's", "[importd]") {
    const std::string pull = R"({"protocol": 1, "verb": "pull-tar", "url": "https://h/a.tar")";
    const jobs::Submission silent = parse_submit_request(pull + "}", {}).submission;
    CHECK_FALSE(silent.says_keep);
    const SubmitRequest wish = parse_submit_request(
        pull +
            R"(, "keep_download": false, "offline": true, "cache_size_bytes": 5, "cache_age_s": 6})",
        {});
    CHECK(wish.submission.says_keep);
    CHECK_FALSE(wish.submission.request.keep_download);
    CHECK(wish.submission.request.offline);
    CHECK(wish.submission.request.cache_size_bytes == 0);
    CHECK(wish.submission.request.cache_age_s == 0);
    CHECK(wish.of_root.empty());
    CHECK_THAT(refusal(pull + R"(, "cache": "/tmp/mine"})"), contains("cache '/tmp/mine'"));
}

TEST_CASE("a document of this host is root's to name, since it would be quoted", "[importd]") {
    const auto of_root = [](const std::string& members) {
        return parse_submit_request(
                   R"({"protocol": 1, "verb": "pull-tar", "url": "https://h/a.tar", )" + members +
                       "}",
                   {})
            .of_root;
    };
    using Members = std::vector<std::string>;
    CHECK(of_root(R"("checksum_url": "https://h/SUMS", "signature_url": "http://h/s")").empty());
    CHECK(of_root(R"("checksum_url": "file:///etc/shadow")") == Members{"checksum_url"});
    CHECK(of_root(R"("signature_url": "file:///etc/shadow")") == Members{"signature_url"});
    const std::string pull = R"({"protocol": 1, "verb": "pull-tar", "url": "https://h/a.tar", )";
    CHECK_THAT(refusal(pull + R"("state": "/tmp"})"), contains("state '/tmp'"));
    CHECK_THAT(refusal(pull + R"("checksum_url": "SUMS"})"), contains("URL 'SUMS'"));
    CHECK_THAT(refusal(pull + R"("dry_run": true})"), contains("a dry run stores nothing"));
}

TEST_CASE("only wishes that differ from the defaults are root's", "[importd]") {
    transfer::Request request;
    request.url = "http://h/a.tar";
    CHECK(parse_submit_request(to_json(request), {}).of_root.empty());
    request.budget.size_bytes = 5;
    request.keyrings.emplace_back("/etc/ring");
    CHECK(parse_submit_request(to_json(request), {}).of_root ==
          std::vector<std::string>{"keyrings", "limits"});
    CHECK(parse_submit_request(R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a.tar",
                                   "network": {"retries": 9}, "privileged_xattrs": true})",
                               {})
              .of_root == std::vector<std::string>{"network", "privileged_xattrs"});
}

TEST_CASE("B3: a submission that says something wrong is refused and says what", "[importd]") {
    struct Row {
        const char* json;
        const char* reason;
    };
    const std::vector<Row> rows{
        {"", "not a JSON object"},
        {"[1]", "not a JSON object"},
        {R"({"verb": "pull-tar"})", "protocol none"},
        {R"({"protocol": 2, "verb": "pull-tar"})", "protocol 2"},
        {R"({"protocol": 1, "verb": "fly"})", "'fly'"},
        {R"({"protocol": 1, "verb": "sweep", "name": "a"})", "'sweep'"},
        {R"({"protocol": 1, "verb": "verify", "url": "http://h/a"})", "'verify' changes nothing"},
        {R"({"protocol": 1, "verb": "inspect", "name": "a"})", "'inspect' changes nothing"},
        {R"({"protocol": 1, "verb": "inspect-disk", "name": "a"})",
         "'inspect-disk' changes nothing"},
        {R"({"protocol": 1, "verb": "clone", "name": "a"})", "no new name"},
        {R"({"protocol": 1, "verb": "rename", "name": "a", "new_name": "x/y"})", "x/y"},
        {R"({"protocol": 1, "verb": "remove", "name": "a", "new_name": "b"})", "no new name"},
        {R"({"protocol": 1, "verb": "read-only"})", "names no image"},
        {R"({"protocol": 1, "verb": "clean", "name": "a"})", "takes no name"},
        {R"({"protocol": 1, "verb": "export-tar", "name": "a"})", "takes 1 descriptors, 0 came"},
        {R"({"protocol": 1, "verb": "remove", "name": "a", "search": ["/etc"]})", "search"},
        {R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a", "dry_run": true})", "dry run"},
        {R"({"protocol": 1, "verb": "pull-tar"})", "URL"},
        {R"({"protocol": 1, "verb": "pull-tar", "url": "ftp://h/a"})", "ftp"},
        {R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a", "class": "cat"})", "'cat'"},
        {R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a", "class": 7})", "class"},
        {R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a", "pool": "/x"})", "pool '/x'"},
        {R"({"protocol": 1, "verb": "import-tar", "name": "a", "path": "/etc/shadow"})",
         "path '/etc/shadow'"},
        {R"({"protocol": 1, "verb": "import-tar", "name": "a"})", "takes 1 descriptors, 0 came"},
        {R"({"protocol": 1, "verb": "import-tar"})", "needs a name"},
        {R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a", "name": "../a"})", "../a"},
    };
    for (const Row& row : rows) {
        INFO(row.json);
        CHECK_THAT(refusal(row.json), contains(row.reason));
    }
    const TempDir directory;
    CHECK_THAT(
        refusal(R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a"})", one_file(directory)),
        contains("takes 0 descriptors, 1 came"));
    CHECK_THAT(refusal(R"({"protocol": 1, "verb": "import-fs", "name": "a"})", one_file(directory)),
               contains("expected a directory"));
    CHECK_THAT(refusal("{\"a\": \"" + std::string(kMaxRequestBytes, 'x') + "\"}"),
               contains("at most"));
}

TEST_CASE("a submission may be about images that are there", "[importd]") {
    const auto parsed = [](const char* json) { return parse_submit_request(json, {}); };
    const SubmitRequest clone = parsed(
        R"({"protocol": 1, "verb": "clone", "name": "a", "new_name": "b", "fresh": true,
            "class": "portable", "search": []})");
    CHECK(clone.submission.request.new_name == "b");
    CHECK(clone.submission.request.fresh);
    CHECK(clone.submission.request.search.empty());
    CHECK(clone.submission.image_class == "portable");
    CHECK(parsed(R"({"protocol": 1, "verb": "clean", "all": true})").submission.request.all);
    const SubmitRequest limit =
        parsed(R"({"protocol": 1, "verb": "set-limit", "limit_bytes": 7, "enable_quota": true})");
    CHECK(limit.submission.request.limit_bytes == 7);
    CHECK(limit.of_root == std::vector<std::string>{"enable_quota"});
}

TEST_CASE("B3: an export writes to a descriptor that can be written", "[importd]") {
    const TempDir directory;
    write_file(directory / "file", "x");
    const auto exporting = [&directory](int flags) {
        std::vector<Fd> list;
        list.push_back(open_file(directory / "file", flags));
        return refusal(R"({"protocol": 1, "verb": "export-tar", "name": "a"})", std::move(list));
    };
    CHECK_THAT(exporting(O_RDONLY), contains("for reading only"));
    CHECK_THAT(exporting(O_PATH), contains("O_PATH"));
    CHECK(exporting(O_WRONLY).empty());
    CHECK(exporting(O_WRONLY | O_APPEND).empty()); // as a shell opens it for >>
    std::vector<Fd> tree;
    tree.push_back(open_file(directory.path(), O_RDONLY | O_DIRECTORY));
    CHECK_THAT(refusal(R"({"protocol": 1, "verb": "export-tar", "name": "a"})", std::move(tree)),
               contains("for reading only"));
}

TEST_CASE("a query of history may say how many, before which and which", "[importd]") {
    CHECK(parse_history_query("").limit == 100);
    CHECK(parse_history_query("{}").limit == 100);
    const jobs::HistoryQuery query = parse_history_query(R"({"limit": 5, "before": 9, "job": 7})");
    CHECK(query.limit == 5);
    CHECK(query.before == 9);
    CHECK(query.number == 7);
    CHECK_THROWS_AS(parse_history_query(R"({"limit": -1})"), Error);
    CHECK_THROWS_AS(parse_history_query(R"({"job": "x"})"), Error);
    CHECK_THROWS_AS(parse_history_query("[]"), Error);
}
