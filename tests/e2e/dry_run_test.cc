// pull-tar and pull-raw with --dry-run: everything is looked at, nothing is made.

#include <filesystem>

#include <unistd.h>

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::Request;

namespace {

constexpr const char* kImage = "/images/web.tar";

struct Offered {
    Offered() {
        make_plain_tree(place / "tree", 20);
        archive = pack(place / "tree");
        publisher.publish("web.tar", archive);
    }

    Request request() const {
        Request made = scene.pull(publisher.url("web.tar"), "web");
        made.verify = "signature";
        made.keyrings = {publisher.keyring()};
        made.network.retries = 1;
        made.dry_run = true;
        return made;
    }

    /// Whether the image was asked for in any other way than by HEAD.
    bool image_was_fetched() const {
        const auto seen = publisher.server.requests(kImage);
        return std::any_of(seen.begin(), seen.end(),
                           [](const SeenRequest& one) { return one.method != "HEAD"; });
    }

    Scene scene;
    Publisher publisher;
    TempDir place;
    std::string archive;
};

} // namespace

TEST_CASE("a dry run says size, name and space, and makes nothing", "[e2e][dry-run]") {
    Offered offered;
    offered.publisher.publish("web.nspawn", "[Exec]\n");
    const FinishedJob job = RunningJob(offered.request(), Face::Transfer).finish();
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK_THAT(job.text(), contains("'web' would be stored in '" +
                                    offered.scene.pool.path().string() + "' as a tree"));
    CHECK_THAT(job.text(), contains(" to fetch; the pool ") && contains(" free"));
    CHECK_THAT(job.text(), contains("'web.nspawn' would come along"));
    CHECK_THAT(job.text(), contains("nothing was fetched or stored"));
    CHECK(job.ended->path.empty());
    CHECK(offered.publisher.server.requests(kImage).size() == 1);
    CHECK_FALSE(offered.image_was_fetched());
    CHECK(offered.publisher.server.requests("/images/web.nspawn").at(0).method == "HEAD");
    CHECK(offered.scene.leftovers() == Lines{});
}

TEST_CASE("a dry run shows a person what would vouch for the image", "[e2e][dry-run]") {
    const Offered offered;
    const RunResult result = run({program("slipway"), "pull-tar", "--dry-run",
                                  "--pool=" + offered.scene.pool.path().string(),
                                  "--keyring=" + offered.publisher.keyring().string(),
                                  offered.publisher.url("web.tar")});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    CHECK_THAT(result.out, contains("\nSHA256SUMS     200    SHA-256 of 'web.tar' in line "));
    CHECK_THAT(result.out,
               contains("\nSHA256SUMS.gpg 200    signed by " + offered.publisher.key()));
    CHECK_THAT(result.err, contains("'web' would be stored in '"));
    CHECK(offered.scene.leftovers() == Lines{});
}

TEST_CASE("a dry run of a disk says that it is one", "[e2e][dry-run]") {
    const Offered offered;
    Request request = offered.request();
    request.verb = transfer::Verb::PullRaw;
    const FinishedJob job = RunningJob(request, Face::Transfer).finish();
    CHECK(job.status == 0);
    CHECK_THAT(job.text(), contains("as a disk"));
    CHECK(offered.scene.leftovers() == Lines{});
}

TEST_CASE("a dry run ends as the pull would have", "[e2e][dry-run]") {
    Offered offered;
    HttpServer& server = offered.publisher.server;
    Request request = offered.request();
    const auto refused = [&](int status, const std::string& part) {
        const FinishedJob job = RunningJob(request, Face::Transfer).finish();
        INFO(job.text());
        CHECK(job.status == status);
        CHECK_THAT(job.text(), contains(part));
        CHECK_FALSE(offered.image_was_fetched());
    };
    SECTION("no signature") {
        server.remove(kSignature);
        refused(11, "not signed");
        CHECK(server.requests(kImage).empty());
        CHECK(offered.scene.leftovers() == Lines{});
    }
    SECTION("no image") {
        server.remove(kImage);
        refused(3, "the server answered 404");
        CHECK(offered.scene.leftovers() == Lines{});
    }
    SECTION("a sibling that cannot be had") {
        server.always("/images/web.nspawn", answering(503));
        refused(8, "'web.nspawn', which belongs to the image: ");
        CHECK(offered.scene.leftovers() == Lines{});
    }
    SECTION("the name is taken") {
        std::filesystem::create_directory(offered.scene.image("web"));
        refused(4, "image 'web' exists");
        CHECK(server.requests().empty());
        request.force = true;
        const FinishedJob job = RunningJob(request, Face::Transfer).finish();
        CHECK_THAT(job.text(), contains("in the place of the one that is there"));
        CHECK(offered.scene.leftovers({"web"}) == Lines{});
    }
    SECTION("the pool is missing, and what it would be made in") {
        request.pool = offered.place / "no/pool";
        refused(3, "does not exist");
        CHECK_FALSE(std::filesystem::exists(offered.place / "no"));
    }
}

TEST_CASE("a dry run where the pool would be made says so and does not make it", "[e2e][dry-run]") {
    const Offered offered;
    Request request = offered.request();
    request.pool = offered.place / "pool";
    const FinishedJob job = RunningJob(request, Face::Transfer).finish();
    CHECK(job.status == 0);
    CHECK_THAT(job.text(), contains("where it would be made"));
    CHECK_FALSE(std::filesystem::exists(offered.place / "pool"));
}

TEST_CASE("the command line of a dry run speaks of what would be", "[e2e][dry-run]") {
    const Offered offered;
    const RunResult result =
        run({program("slipway").string(), "--pool=" + offered.scene.pool.path().string(),
             "--keyring=" + offered.publisher.keyring().string(), "pull-tar", "--dry-run",
             offered.publisher.url("web.tar")});
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK_THAT(result.err, contains("'web' would be stored in"));
    CHECK_THAT(result.err, !contains("Created new local image"));
    CHECK(offered.scene.leftovers() == Lines{});
}
