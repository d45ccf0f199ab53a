// list-transfers, as importctl prints it.

#include "base/json.hh"
#include "cli/transfer_list.hh"
#include "tests/catch.hh"
#include "tests/cli/jobs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

transfer::JobRecord half_way(std::uint32_t number, const std::string& name) {
    transfer::JobRecord job = running_job(number, name);
    job.progress = transfer::Progress{"download", 430, 1000, 0, std::nullopt, 0};
    return job;
}

} // namespace

TEST_CASE("transfers are listed by name, then number, with a foot", "[cli][transfers]") {
    transfer::JobRecord import = queued_job(12, "alpha");
    import.verb = "import-tar";
    import.source = "-";
    CHECK(cli::transfer_list({half_way(3, "web"), import, running_job(2, "web")}, true, false) ==
          "ID PROGRESS TYPE       CLASS   LOCAL REMOTE\n"
          "12 queued   import-tar machine alpha -\n"
          "2  -        pull-tar   machine web   http://h/web.tar.xz\n"
          "3  43%      pull-tar   machine web   http://h/web.tar.xz\n"
          "\n3 transfers listed.\n");
    CHECK(cli::transfer_list({half_way(3, "web")}, false, false) ==
          "3 43% pull-tar machine web http://h/web.tar.xz\n");
    CHECK(cli::transfer_list({}, true, false) == "No transfers.\n");
    CHECK(cli::transfer_list({}, false, false).empty());
}

TEST_CASE("the name that was given stands for one that is not settled", "[cli][transfers]") {
    transfer::JobRecord job = running_job(1, "");
    CHECK_THAT(cli::transfer_list({job}, false, false), contains("machine - http"));
    job.local = "web\x1b[31m";
    CHECK_THAT(cli::transfer_list({job}, false, false), contains("machine web\\x1b[31m http"));
}

TEST_CASE("transfers as JSON have importctl's members, and the state", "[cli][transfers]") {
    const auto list = nlohmann::json::parse(
        cli::transfer_list_json({half_way(3, "web"), queued_job(4, "alpha")}, false));
    CHECK(list == nlohmann::json::parse(R"([
        {"id": 4, "progress": null, "type": "pull-tar", "class": "machine", "local": "alpha",
         "remote": "http://h/web.tar.xz", "state": "queued"},
        {"id": 3, "progress": 43, "type": "pull-tar", "class": "machine", "local": "web",
         "remote": "http://h/web.tar.xz", "state": "running"}])"));
    CHECK(cli::transfer_list_json({}, false) == "[]\n");
}
