// One row for each name, and with it one function that makes the value.

#include "toolbox/unit_property.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::toolbox {
namespace {

using Values = std::vector<std::string>;

Error no_value(const std::string& value) {
    return Error(Kind::Internal, "{} is no value for a property of a unit", quoted(value));
}

struct Number {
    std::uint64_t value = 0;
    std::string_view unit;
};

Number read_number(const std::string& text) {
    Number number;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number.value);
    if (error != std::errc()) {
        throw no_value(text);
    }
    number.unit = std::string_view(rest, static_cast<std::size_t>(end - rest));
    return number;
}

bus::Variant text(const Values& values) {
    return bus::Variant(values.back());
}

bus::Variant yes_or_no(const Values& values) {
    if (values.back() != "yes" && values.back() != "no") {
        throw no_value(values.back());
    }
    return bus::Variant(values.back() == "yes");
}

bus::Variant count(const Values& values) {
    const Number number = read_number(values.back());
    if (!number.unit.empty()) {
        throw no_value(values.back());
    }
    return bus::Variant(number.value);
}

// Microseconds.
bus::Variant time_span(const Values& values) {
    constexpr std::uint64_t kSecond = 1'000'000;
    if (values.back() == "infinity") {
        return bus::Variant(std::uint64_t{UINT64_MAX});
    }
    const Number number = read_number(values.back());
    if (number.unit != "min" && number.unit != "s") {
        throw no_value(values.back());
    }
    return bus::Variant(number.value * kSecond * (number.unit == "min" ? 60 : 1));
}

// "PATH-OR-CLASS rwm"
bus::Variant devices(const Values& values) {
    std::vector<bus::Struct<std::string, std::string>> list;
    for (const std::string& value : values) {
        const std::size_t blank = value.rfind(' ');
        if (blank == value.npos) {
            throw no_value(value);
        }
        list.emplace_back(value.substr(0, blank), value.substr(blank + 1));
    }
    return bus::Variant(list);
}

// Exit statuses, and signals, of which there are none.
bus::Variant exit_statuses(const Values& values) {
    using Numbers = std::vector<std::int32_t>;
    Numbers list;
    for (const std::string& value : values) {
        list.push_back(static_cast<std::int32_t>(read_number(value).value));
    }
    return bus::Variant(bus::Struct<Numbers, Numbers>(list, Numbers{}));
}

bus::Variant words(const Values& values) {
    return bus::Variant(values);
}

struct Row {
    std::string_view name;
    const char* bus_name;
    bus::Variant (*make)(const Values& values);
};

constexpr std::array kRows{
    Row{"After", "After", words},
    Row{"CollectMode", "CollectMode", text},
    Row{"Delegate", "Delegate", yes_or_no},
    Row{"DelegateSubgroup", "DelegateSubgroup", text},
    Row{"Description", "Description", text},
    Row{"DeviceAllow", "DeviceAllow", devices},
    Row{"DevicePolicy", "DevicePolicy", text},
    Row{"Environment", "Environment", words},
    Row{"KillMode", "KillMode", text},
    Row{"RemainAfterExit", "RemainAfterExit", yes_or_no},
    Row{"Requires", "Requires", words},
    Row{"RestartForceExitStatus", "RestartForceExitStatus", exit_statuses},
    Row{"Slice", "Slice", text},
    Row{"StopWhenUnneeded", "StopWhenUnneeded", yes_or_no},
    Row{"SuccessExitStatus", "SuccessExitStatus", exit_statuses},
    Row{"TasksMax", "TasksMax", count},
    Row{"TimeoutStartSec", "TimeoutStartUSec", time_span},
    Row{"Type", "Type", text},
    Row{"WatchdogSec", "WatchdogUSec", time_span},
};

struct Collected {
    const Row* row;
    Values values;
};

const Row& row_of(std::string_view name) {
    const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                   [name](const Row& one) { return one.name == name; });
    if (row == kRows.end()) {
        throw Error(Kind::Internal, "there is no property {} of a transient unit", quoted(name));
    }
    return *row;
}

} // namespace

std::vector<UnitProperty> unit_properties_of(const std::vector<std::string>& lines) {
    std::vector<Collected> all;
    for (const std::string& line : lines) {
        const std::size_t sign = std::min(line.find('='), line.size());
        const Row& row = row_of(std::string_view(line).substr(0, sign));
        auto found = std::find_if(all.begin(), all.end(),
                                  [&row](const Collected& one) { return one.row == &row; });
        if (found == all.end()) {
            found = all.insert(all.end(), {&row, {}});
        }
        found->values.push_back(line.substr(std::min(sign + 1, line.size())));
    }
    std::vector<UnitProperty> properties;
    properties.reserve(all.size());
    for (const Collected& one : all) {
        properties.emplace_back(one.row->bus_name, one.row->make(one.values));
    }
    return properties;
}

UnitProperty exec_property(const std::string& name, const std::vector<std::string>& arguments) {
    using Words = std::vector<std::string>;
    using Exec = bus::Struct<std::string, Words, Words>;
    return {name, bus::Variant(std::vector<Exec>{
                      Exec(arguments.front(), arguments, Words{"no-env-expand"})})};
}

} // namespace slipway::toolbox
