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

TEST_CASE("text goes over the bus with U+FFFD for what sd-bus refuses", "[base]") {
    const std::string odd = "\xEF\xBF\xBD";
    CHECK(bus::bus_text("a\xC3\xBC\xF0\x9F\x98\x80") == "a\xC3\xBC\xF0\x9F\x98\x80");
    CHECK(bus::bus_text(std::string("a\0b", 3)) == "a" + odd + "b");
    CHECK(bus::bus_text("\xEF\xB7\x90.\xEF\xB7\xAF") == odd + "." + odd);
    CHECK(bus::bus_text("\xEF\xBF\xBE\xEF\xBF\xBF") == odd + odd);
    CHECK(bus::bus_text("\xF0\x9F\xBF\xBE\xF4\x8F\xBF\xBF") == odd + odd);
    CHECK(bus::bus_text("\xEF\xB7\x8F\xEF\xBF\xBD") == "\xEF\xB7\x8F" + odd);
    CHECK(bus::bus_text("\xff") == "\\xff");
}
