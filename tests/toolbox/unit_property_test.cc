// What a plan says of a unit, in the types of the bus.

#include "base/error.hh"
#include "machine/nspawn_unit.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "toolbox/unit_leftovers.hh"
#include "toolbox/unit_property.hh"

using namespace slipway;
using namespace slipway::toolbox;
using namespace slipway::tests;

namespace {

using Lines = std::vector<std::string>;
using Devices = std::vector<bus::Struct<std::string, std::string>>;
using Numbers = std::vector<std::int32_t>;
using Statuses = bus::Struct<Numbers, Numbers>;
using Exec = std::vector<bus::Struct<std::string, Lines, Lines>>;

// The one property that a list of lines makes.
template <typename T>
T value_of(const Lines& lines, const std::string& name) {
    const std::vector<UnitProperty> all = unit_properties_of(lines);
    REQUIRE(all.size() == 1);
    CHECK(std::get<0>(all.front()) == name);
    const bus::Variant& value = std::get<1>(all.front());
    REQUIRE(value.containsValueOfType<T>());
    return value.get<T>();
}

} // namespace

TEST_CASE("each property of a unit has the type that systemd expects", "[toolbox]") {
    CHECK(value_of<std::string>({"Type=notify"}, "Type") == "notify");
    CHECK(value_of<std::string>({"Description=Machine a=b"}, "Description") == "Machine a=b");
    CHECK(value_of<bool>({"Delegate=yes"}, "Delegate"));
    CHECK_FALSE(value_of<bool>({"Delegate=no"}, "Delegate"));
    CHECK(value_of<std::uint64_t>({"TasksMax=16384"}, "TasksMax") == 16384);
    CHECK(value_of<std::uint64_t>({"WatchdogSec=3min"}, "WatchdogUSec") == 180'000'000);
    CHECK(value_of<std::uint64_t>({"WatchdogSec=5s"}, "WatchdogUSec") == 5'000'000);
    CHECK(value_of<std::uint64_t>({"TimeoutStartSec=infinity"}, "TimeoutStartUSec") == UINT64_MAX);
    CHECK(value_of<Statuses>({"SuccessExitStatus=133"}, "SuccessExitStatus") ==
          Statuses(Numbers{133}, Numbers{}));
    CHECK(value_of<Lines>({"Environment=A=1", "Environment=B=x y"}, "Environment") ==
          Lines{"A=1", "B=x y"});
}

TEST_CASE("what has several lines is one list, in their order", "[toolbox]") {
    CHECK(value_of<Devices>(
              {"DeviceAllow=/dev/net/tun rwm", "DeviceAllow=char-pts rw", "DeviceAllow=/dev/a b r"},
              "DeviceAllow") ==
          Devices{{"/dev/net/tun", "rwm"}, {"char-pts", "rw"}, {"/dev/a b", "r"}});
}

TEST_CASE("a property that nobody knows is a mistake of ours", "[toolbox]") {
    for (const char* line : {"Colour=red", "Type", "TasksMax=many", "TasksMax=1K", "Delegate=1",
                             "WatchdogSec=3h", "DeviceAllow=/dev/null"}) {
        INFO(line);
        if (std::string(line) == "Type") {
            CHECK(value_of<std::string>({line}, "Type").empty());
        } else {
            CHECK_THROWS_AS(unit_properties_of({line}), Error);
        }
    }
}

TEST_CASE("every property that a plan can have is known", "[toolbox]") {
    machine::MachineSpec spec;
    spec.name = spec.image = "web";
    spec.root = "/dev/vg/web";
    spec.type = storage::ImageType::Block;
    spec.is_special = true;
    machine::HostFacts host;
    host.systemd_version = 262;
    const machine::LaunchPlan plan = plan_nspawn_unit(spec, host);
    REQUIRE(plan.unit_properties.size() > 15);
    CHECK_NOTHROW(unit_properties_of(plan.unit_properties));
}

TEST_CASE("a command of a unit is what it is: systemd expands nothing in it", "[toolbox]") {
    const UnitProperty property = exec_property("ExecStartEx", {"/bin/a", "$HOME", "%n"});
    CHECK(std::get<0>(property) == "ExecStartEx");
    CHECK(std::get<1>(property).get<Exec>() ==
          Exec{{"/bin/a", Lines{"/bin/a", "$HOME", "%n"}, Lines{"no-env-expand"}}});
}

TEST_CASE("what a unit's machine leaves goes with a unit of its own", "[toolbox]") {
    machine::LaunchPlan plan;
    plan.machine = "web";
    plan.undo = {{machine::Undo::Kind::RemoveImage, "/pool/.#slipway-1"}};
    const std::string supervise = program("slipway-supervise").string();
    const TransientUnit unit = make_leftovers_unit(plan);
    CHECK(unit.name == "slipway-undo-web.service");
    CHECK(std::get<0>(unit.properties.back()) == "ExecStopEx");
    const Lines words = std::get<1>(std::get<1>(unit.properties.back()).get<Exec>().front());
    REQUIRE(words.size() == 3);
    CHECK(words[0] == supervise);
    CHECK(words[1] == "--undo");
    CHECK(words[2] == R"([{"kind":"remove-image","what":"/pool/.#slipway-1"}])");
}
