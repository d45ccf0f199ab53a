// What an interface on the bus offers, as a value: for objects that answer by themselves
// (base/bus_tree.hh), from which calls are checked and the XML of introspection is made.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::bus {

/// An argument without a name has none in introspection.
struct ArgumentSpec {
    std::string type;
    std::string name{};
};

struct MethodSpec {
    std::string name;
    std::vector<ArgumentSpec> in{};
    std::vector<ArgumentSpec> out{};
    bool root_only = false; ///< annotated as org.freedesktop.systemd1.Privileged
    /// The types of `in` in a row.
    std::string signature() const;
};

/// Read-only, without signals of changes.
struct PropertySpec {
    std::string name;
    std::string type;
};

struct SignalSpec {
    std::string name;
    std::vector<ArgumentSpec> arguments{};
};

struct InterfaceSpec {
    std::string name;
    std::vector<PropertySpec> properties{};
    std::vector<MethodSpec> methods{};
    std::vector<SignalSpec> signals{};

    /// Nothing when there is none of that name.
    const MethodSpec* find_method(std::string_view name) const noexcept;
};

/// The XML of an object (D-Bus Specification, "Introspection Data Format"), with the standard
/// interfaces.
/// @param children  last parts of the paths of the objects below it
std::string introspection(const std::vector<const InterfaceSpec*>& interfaces,
                          const std::vector<std::string>& children);

} // namespace slipway::bus
