// Renaming, marking and removing, as the command line asks for it.

#include <fcntl.h>

#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/running_job.hh"
#include "tests/e2e/scene.hh"
#include "tests/support/loop_fs.hh"
#include "volume/inode_flags.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::Request;

namespace {

namespace fs = std::filesystem;

bool is_immutable(const fs::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return volume::is_immutable(fd.get());
}

RunResult run_in(const Scene& scene, std::vector<std::string> words) {
    words.insert(words.begin(),
                 {program("slipway").string(), "--pool=" + scene.pool.path().string()});
    return run(words);
}

} // namespace

TEST_CASE("P14: slipway rename gives an image and what belongs to it another name",
          "[e2e][rename]") {
    const Scene scene;
    write_file(scene.disk("web"), "bytes");
    write_file(scene.pool / "web.nspawn", "[Exec]");
    write_file(scene.pool / "web.roothash", "hash");
    const RunResult said = run_in(scene, {"rename", "web", "db"});
    CHECK(said.status == 0);
    CHECK(said.out == "");
    CHECK(said.err == "renamed 'web' to 'db', with db.nspawn, db.roothash.\n");
    CHECK(scene.leftovers({"db.raw", "db.nspawn", "db.roothash"}) == Lines{});
    CHECK(read_file(scene.disk("db")) == "bytes");
}

TEST_CASE("slipway read-only marks an image and takes the mark away", "[e2e][rename]") {
    const Scene scene;
    fs::create_directory(scene.image("web"));
    const auto say = [&](std::vector<std::string> words) {
        const RunResult said = run_in(scene, std::move(words));
        CHECK(said.status == 0);
        return said.err;
    };
    CHECK(say({"read-only", "web"}) == "'web' is now read-only.\n");
    CHECK(is_immutable(scene.image("web")));
    CHECK(say({"read-only", "web", "yes"}) == "'web' was already read-only.\n");
    CHECK(say({"read-only", "web", "false"}) == "'web' is now writable.\n");
    CHECK_FALSE(is_immutable(scene.image("web")));
    const RunResult wrong = run_in(scene, {"read-only", "web", "perhaps"});
    CHECK(wrong.status == exit_status(Kind::InvalidArgument));
    CHECK_THAT(wrong.err, contains("read-only: "));
    CHECK_THAT(wrong.err, contains("'perhaps'"));
}

TEST_CASE("an image elsewhere in the search path is renamed, marked and removed where it is",
          "[e2e][rename]") {
    const Scene scene;
    const TempPool other;
    fs::create_directory(other / "web");
    write_file(other / "web.nspawn", "[Exec]");
    const auto succeed = [&](Request request) {
        request.search = {other.path(), scene.pool.path()};
        const FinishedJob job = run_job(request, Face::Transfer);
        INFO(job.text());
        CHECK(job.status == 0);
    };
    succeed(scene.rename("web", "db"));
    CHECK(other.entries() == std::set<std::string>{"db", "db.nspawn"});
    succeed(scene.mark("db", true));
    CHECK(is_immutable(other / "db"));
    succeed(scene.remove("db"));
    CHECK(other.entries().empty());
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("what cannot be renamed is refused in one line, and nothing changes", "[e2e][rename]") {
    const Scene scene;
    fs::create_directory(scene.image("web"));
    fs::create_directory(scene.image("db"));
    const std::set<std::string> both{"web", "db"};
    CHECK_THAT(check_refused(scene, scene.rename("web", "db"), exit_status(Kind::Exists),
                             "image 'db' exists", both),
               contains("renaming 'web': "));
    check_refused(scene, scene.rename("missing", "new"), exit_status(Kind::NotFound),
                  "there is no image 'missing' in the pool", both);
    check_refused(scene, scene.rename("web", ".#x"), exit_status(Kind::InvalidArgument),
                  "it begins with '.#'", both);
    check_refused(scene, scene.rename(".host", "new"), exit_status(Kind::InvalidArgument),
                  "the running system itself", both);
    check_refused(scene, scene.mark(".host", true), exit_status(Kind::InvalidArgument),
                  "the running system itself", both);
}
