// What becomes a job, and what is refused before there is one.

#include "jobs/admission.hh"
#include "storage/image_class.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::jobs;
using transfer::Verb;

namespace {

Submission pull_of(std::string url, std::string name = "", Verb verb = Verb::PullTar) {
    Submission submission;
    submission.request.verb = verb;
    submission.request.url = std::move(url);
    submission.request.name = std::move(name);
    submission.request.verify = "";
    return submission;
}

Holding holding(std::uint32_t number, std::string name, std::string url = "") {
    return {number,     1000,          "/var/lib/machines", {{std::move(name), Hold::Brings}},
            "pull-tar", std::move(url)};
}

std::uint32_t holder_of(const Submission& submission, const std::vector<Holding>& jobs,
                        const Config& config = {}) {
    try {
        check_room(admit(submission, config), submission, jobs, config);
    } catch (const Taken& taken) {
        return taken.holder();
    }
    return 0;
}

} // namespace

TEST_CASE("a submission becomes a request with what the configuration says", "[jobs][admit]") {
    Config config;
    config.verify = "checksum";
    config.max_size_bytes = 77;
    config.network.retries = 3;
    Submission submission = pull_of("https://user:secret@h/web.tar.xz?token=x", "", Verb::PullTar);
    submission.uid = 1000;
    const Admitted job = admit(submission, config);
    CHECK(job.request.id.size() == 16);
    CHECK(job.request.pool == "/var/lib/machines");
    CHECK(job.request.verify == "checksum");
    CHECK(job.request.budget.size_bytes == 77);
    CHECK(job.request.network.retries == 3);
    CHECK(job.request.url == "https://user:secret@h/web.tar.xz?token=x");
    CHECK(job.record.verb == "pull-tar");
    CHECK(job.record.name == "web");
    CHECK(job.record.local.empty());
    CHECK(job.record.uid == 1000);
    CHECK(job.record.source.find("secret") == std::string::npos);
    CHECK(job.record.source.find("token=x") == std::string::npos);
}

TEST_CASE("a pull that does not say keeps its download where the configuration does",
          "[jobs][admit]") {
    Config config;
    const auto keeps = [&config](bool says, bool keep) {
        Submission submission = pull_of("https://h/web.tar.xz");
        submission.says_keep = says;
        submission.request.keep_download = keep;
        return admit(submission, config).request.keep_download;
    };
    CHECK_FALSE(keeps(false, false));
    CHECK(keeps(true, true));
    config.keep_downloads = true;
    CHECK(keeps(false, false));
    CHECK_FALSE(keeps(true, false));
    Submission import;
    import.request.verb = Verb::ImportTar;
    import.request.name = "web";
    CHECK_FALSE(admit(import, config).request.keep_download);
}

TEST_CASE("what a submission says stands above the configuration", "[jobs][admit]") {
    Config config;
    config.max_size_bytes = 77;
    config.network.retries = 3;
    Submission submission = pull_of("http://h/a.raw.xz", "disk.raw", Verb::PullRaw);
    submission.request.verify = "no";
    submission.request.budget.size_bytes = 99;
    submission.request.network.retries = 5;
    submission.own_network = true;
    submission.image_class = "portable";
    const Admitted job = admit(submission, config);
    CHECK(job.request.pool == "/var/lib/portables");
    CHECK(job.request.verify == "no");
    CHECK(job.request.budget.size_bytes == 99);
    CHECK(job.request.network.retries == 5);
    CHECK(job.record.name == "disk");
    CHECK(job.record.local == "disk.raw");
}

TEST_CASE("B3: what cannot be a job is refused before there is one", "[jobs][admit]") {
    CHECK_THROWS_AS(admit(pull_of("ftp://h/a.tar"), {}), Error);
    CHECK_THROWS_AS(admit(pull_of("http://h/"), {}), Error);
    CHECK_THROWS_AS(admit(pull_of("http://h/a.tar", ".#x"), {}), Error);
    Submission odd = pull_of("http://h/a.tar");
    odd.request.verify = "maybe";
    CHECK_THROWS_AS(admit(odd, {}), Error);
    odd = pull_of("http://h/a.tar");
    odd.image_class = "container";
    CHECK_THROWS_AS(admit(odd, {}), Error);
}

TEST_CASE("a job on images that are there is called by what it brings, and searches its class",
          "[jobs][admit]") {
    Config config;
    config.pools["machine"] = "/srv/machines";
    Submission clone;
    clone.request.verb = Verb::Clone;
    clone.request.name = "web.tar"; // a name, whatever it ends in
    clone.request.new_name = "db";
    const Admitted cloned = admit(clone, config);
    CHECK(cloned.record.name == "db");
    CHECK(cloned.record.source == "web.tar");
    CHECK(cloned.request.name == "web.tar");
    CHECK(cloned.request.search ==
          storage::search_path(storage::ImageClass::Machine, "/srv/machines"));
    CHECK(cloned.request.image_class == storage::ImageClass::Machine);

    Submission exporting;
    exporting.request.verb = Verb::ExportTar;
    exporting.request.name = "web";
    exporting.image_class = "portable";
    exporting.source = "/tmp/web.tar";
    const Admitted exported = admit(exporting, config);
    CHECK(exported.record.name == "web");
    CHECK(exported.record.source == "/tmp/web.tar");
    CHECK(exported.request.image_class == storage::ImageClass::Portable);

    Submission cleaning;
    cleaning.request.verb = Verb::Clean;
    CHECK(admit(cleaning, config).record.name.empty());
}

TEST_CASE("C1, C2: a name that a job has is refused with the job's number", "[jobs][admit]") {
    const std::vector<Holding> jobs{holding(3, "db"), holding(7, "web", "http://h/old.tar")};
    CHECK(holder_of(pull_of("http://h/web.tar"), jobs) == 7);
    CHECK(holder_of(pull_of("http://h/other.tar", "web"), jobs) == 7);
    CHECK(holder_of(pull_of("http://h/disk.raw", "web", Verb::PullRaw), jobs) == 7);
    CHECK(holder_of(pull_of("http://h/new.tar"), jobs) == 0);
    Submission elsewhere = pull_of("http://h/web.tar");
    elsewhere.image_class = "portable";
    CHECK(holder_of(elsewhere, jobs) == 0);
}

TEST_CASE("C1, C3: one URL twice is refused where the contract says so", "[jobs][admit]") {
    const std::vector<Holding> jobs{holding(7, "web", "http://h/web.tar")};
    Submission again = pull_of("http://h/web.tar", "other");
    CHECK(holder_of(again, jobs) == 0);
    again.one_per_url = true;
    CHECK(holder_of(again, jobs) == 7);
    again.request.verb = Verb::PullRaw; // another type
    CHECK(holder_of(again, jobs) == 0);
}

TEST_CASE("B8: there is a bound on the jobs of one caller and on all", "[jobs][admit]") {
    Config config;
    config.jobs = 4;
    config.jobs_per_user = 2;
    const std::vector<Holding> two{holding(1, "a"), holding(2, "b")};
    Submission submission = pull_of("http://h/c.tar");
    submission.uid = 1000;
    CHECK_THROWS_MATCHES(holder_of(submission, two, config), Error,
                         Catch::Matchers::Predicate<Error>(
                             [](const Error& error) { return error.kind() == Kind::Limit; }));
    submission.uid = 1001;
    CHECK(holder_of(submission, two, config) == 0);
    submission.uid = 0;
    const std::vector<Holding> four{holding(1, "a"), holding(2, "b"), holding(3, "d"),
                                    holding(4, "e")};
    CHECK_THROWS_AS(holder_of(submission, four, config), Error);
}
