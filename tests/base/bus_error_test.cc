// Every kind and verdict has a name on the bus, and comes back as what it was.

#include <stdexcept>
#include <string>

#include "base/bus_error.hh"
#include "tests/catch.hh"

using namespace slipway;

namespace {

void check_kind(Kind kind, const std::string& enumerator) {
    const Error error(kind, "'a' failed: {}", 7);
    const bus::Failure failure = bus::failure_of(error);
    CHECK(failure.name == "io.slipway.Error." + enumerator);
    const Error back = bus::error_of(failure);
    CHECK(back.kind() == kind);
    CHECK_FALSE(back.verdict());
    CHECK(std::string(back.what()) == error.what());
}

void check_verdict(VerdictWord verdict, const std::string& bus_name) {
    const Error error(verdict, "no");
    const Error back = bus::error_of(bus::failure_of(error));
    CHECK(back.kind() == error.kind());
    if (bus_name.empty()) {
        CHECK_FALSE(back.verdict());
    } else {
        CHECK(back.verdict() == verdict);
        CHECK(back.status() == error.status());
    }
}

} // namespace

TEST_CASE("every kind of error travels over the bus and comes back", "[base]") {
#define KIND(name, word, status, meaning) check_kind(Kind::name, #name);
#include "base/outcome.def"
#undef KIND
}

TEST_CASE("every refusal of verification travels over the bus and comes back", "[base]") {
#define VERDICT(name, word, kind, status, bus_name, rank)                                          \
    check_verdict(VerdictWord::name, bus_name);
#include "base/outcome.def"
#undef VERDICT
}

TEST_CASE("errors of the bus itself are understood by their meaning", "[base]") {
    const auto kind = [](const char* name) { return bus::error_of({name, "text"}).kind(); };
    CHECK(kind("org.freedesktop.DBus.Error.ServiceUnknown") == Kind::NotFound);
    CHECK(kind("org.freedesktop.DBus.Error.AccessDenied") == Kind::Denied);
    CHECK(kind("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired") == Kind::Denied);
    CHECK(kind("org.freedesktop.DBus.Error.NoReply") == Kind::Internal);
    CHECK(kind("io.slipway.Error.Verify.") == Kind::Other);
    CHECK(kind("io.slipway.Error.Gone") == Kind::Other);
    CHECK(std::string(bus::error_of({"com.example.Odd\n", "te\x1bxt"}).what()) ==
          "com.example.Odd\\n: te\\x1bxt");
    CHECK(bus::failure_of(std::runtime_error("x")).name == "org.freedesktop.DBus.Error.Failed");
}
