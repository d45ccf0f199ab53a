// What a rename or removal that is carried out again finds.

#include <filesystem>

#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "transfer/repeated.hh"

using namespace slipway;
using namespace slipway::tests;
using transfer::Request;
using transfer::Verb;

namespace {

struct Case {
    TempDir pool;
    Request request;

    explicit Case(Verb verb) {
        request.verb = verb;
        request.id = transfer::make_id();
        request.job = transfer::make_id();
        request.pool = pool.path();
        request.name = "web";
        request.new_name = verb == Verb::Rename ? "db" : "";
    }
    void make(const char* name) const { std::filesystem::create_directory(pool / name); }
    std::string found() const {
        const auto ended = find_earlier_change(request);
        return ended ? ended->text : "";
    }
};

} // namespace

TEST_CASE("K1: a rename that an earlier attempt has carried out is done", "[transfer][repeated]") {
    const Case rename(Verb::Rename);
    CHECK(rename.found().empty()); // neither is there: the job says so itself
    rename.make("db");
    CHECK(rename.found() ==
          "renamed 'web' to 'db' before the job was interrupted; nothing was left to do");
    CHECK(find_earlier_change(rename.request)->path == (rename.pool / "db").string());
    rename.make("web");
    CHECK(rename.found().empty()); // not renamed: 'db' is somebody's
}

TEST_CASE("K1: a removal that an earlier attempt has carried out is done", "[transfer][repeated]") {
    const Case removal(Verb::Remove);
    CHECK(removal.found() ==
          "removed 'web' before the job was interrupted; nothing was left to do");
    removal.make("web");
    CHECK(removal.found().empty());
}

TEST_CASE("a first attempt, and other verbs, look for no earlier one", "[transfer][repeated]") {
    Case removal(Verb::Remove);
    removal.request.job.clear();
    CHECK(removal.found().empty());
    CHECK(Case(Verb::ReadOnly).found().empty());
    CHECK(Case(Verb::Clone).found().empty());
}
