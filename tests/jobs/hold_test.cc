// Which two jobs may be there together.

#include "jobs/hold.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::jobs;
using transfer::Request;
using transfer::Verb;

namespace {

const std::string kPool = "/var/lib/machines";

std::vector<HeldImage> held(Verb verb, std::string name = "web", std::string new_name = "") {
    Request request;
    request.verb = verb;
    request.name = std::move(name);
    request.new_name = std::move(new_name);
    return held_by(request);
}

// "none", "exists 7", "busy 7".
std::string conflict(const std::vector<HeldImage>& wanted, const std::vector<HeldImage>& there,
                     const std::string& pool = kPool) {
    const auto found = find_conflict(pool, wanted, {7, 0, kPool, there, "clone", ""});
    return found ? fmt::format("{} {}", word(found->kind()), found->holder()) : "none";
}

} // namespace

TEST_CASE("C5: readers of one image go together, and nothing else does", "[jobs][hold]") {
    const auto clone = held(Verb::Clone, "web", "db");
    CHECK(conflict(held(Verb::Clone, "web", "other"), clone) == "none");
    CHECK(conflict(held(Verb::ExportTar), clone) == "none");
    CHECK(conflict(held(Verb::ExportRaw), held(Verb::ExportTar)) == "none");
    for (const Verb verb : {Verb::Remove, Verb::ReadOnly, Verb::SetLimit}) {
        CHECK(conflict(held(verb), clone) == "busy 7");
        CHECK(conflict(held(Verb::ExportTar), held(verb)) == "busy 7");
        CHECK(conflict(held(verb), held(verb)) == "busy 7");
        CHECK(conflict(held(verb, "db"), clone) == "busy 7");
    }
    CHECK(conflict(held(Verb::Rename, "web", "x"), clone) == "busy 7");
    CHECK(conflict(held(Verb::Rename, "x", "web"), clone) == "busy 7");
    CHECK(conflict(held(Verb::PullTar), held(Verb::ExportTar)) == "busy 7");
    CHECK(conflict(held(Verb::Remove, "other"), clone) == "none");
    CHECK(conflict(held(Verb::Remove), clone, "/var/lib/portables") == "none");
}

TEST_CASE("C1: two jobs that bring one name are told so", "[jobs][hold]") {
    for (const Verb verb : {Verb::PullRaw, Verb::ImportTar, Verb::ImportFs}) {
        CHECK(conflict(held(verb), held(Verb::PullTar)) == "exists 7");
        CHECK(conflict(held(Verb::Clone, "a", "web"), held(verb)) == "exists 7");
        CHECK(conflict(held(Verb::Rename, "a", "web"), held(verb)) == "exists 7");
    }
}

TEST_CASE("a pool is cleaned once at a time, beside everything else", "[jobs][hold]") {
    CHECK(conflict(held(Verb::Clean, ""), held(Verb::Clean, "")) == "busy 7");
    CHECK(conflict(held(Verb::SetLimit, ""), held(Verb::Clean, "")) == "busy 7");
    CHECK(conflict(held(Verb::Remove), held(Verb::Clean, "")) == "none");
    CHECK(held(Verb::Inspect).empty());
    CHECK(held(Verb::InspectDisk).empty());
}
