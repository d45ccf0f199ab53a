// In the order and with the annotations of sd-bus, so that a comparison of texts says something.

#include "base/bus_description.hh"

#include <algorithm>

#include <fmt/format.h>

namespace slipway::bus {
namespace {

constexpr std::string_view kHead =
    "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
    "\"https://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n"
    "<node>\n"
    " <interface name=\"org.freedesktop.DBus.Peer\">\n"
    "  <method name=\"Ping\"/>\n"
    "  <method name=\"GetMachineId\">\n"
    "   <arg type=\"s\" name=\"machine_uuid\" direction=\"out\"/>\n"
    "  </method>\n"
    " </interface>\n"
    " <interface name=\"org.freedesktop.DBus.Introspectable\">\n"
    "  <method name=\"Introspect\">\n"
    "   <arg name=\"xml_data\" type=\"s\" direction=\"out\"/>\n"
    "  </method>\n"
    " </interface>\n"
    " <interface name=\"org.freedesktop.DBus.Properties\">\n"
    "  <method name=\"Get\">\n"
    "   <arg name=\"interface_name\" direction=\"in\" type=\"s\"/>\n"
    "   <arg name=\"property_name\" direction=\"in\" type=\"s\"/>\n"
    "   <arg name=\"value\" direction=\"out\" type=\"v\"/>\n"
    "  </method>\n"
    "  <method name=\"GetAll\">\n"
    "   <arg name=\"interface_name\" direction=\"in\" type=\"s\"/>\n"
    "   <arg name=\"props\" direction=\"out\" type=\"a{sv}\"/>\n"
    "  </method>\n"
    "  <method name=\"Set\">\n"
    "   <arg name=\"interface_name\" direction=\"in\" type=\"s\"/>\n"
    "   <arg name=\"property_name\" direction=\"in\" type=\"s\"/>\n"
    "   <arg name=\"value\" direction=\"in\" type=\"v\"/>\n"
    "  </method>\n"
    "  <signal name=\"PropertiesChanged\">\n"
    "   <arg type=\"s\" name=\"interface_name\"/>\n"
    "   <arg type=\"a{sv}\" name=\"changed_properties\"/>\n"
    "   <arg type=\"as\" name=\"invalidated_properties\"/>\n"
    "  </signal>\n"
    " </interface>\n";

std::string argument_xml(const ArgumentSpec& argument, std::string_view direction) {
    std::string xml = fmt::format("   <arg type=\"{}\"", argument.type);
    if (!argument.name.empty()) {
        xml += fmt::format(" name=\"{}\"", argument.name);
    }
    if (!direction.empty()) {
        xml += fmt::format(" direction=\"{}\"", direction);
    }
    return xml + "/>\n";
}

std::string annotation_xml(std::string_view name, std::string_view value) {
    return fmt::format("   <annotation name=\"{}\" value=\"{}\"/>\n", name, value);
}

std::string interface_xml(const InterfaceSpec& interface) {
    std::string xml = fmt::format(" <interface name=\"{}\">\n", interface.name);
    for (const PropertySpec& property : interface.properties) {
        xml += fmt::format("  <property name=\"{}\" type=\"{}\" access=\"read\">\n", property.name,
                           property.type);
        xml += annotation_xml("org.freedesktop.DBus.Property.EmitsChangedSignal", "false");
        xml += "  </property>\n";
    }
    for (const MethodSpec& method : interface.methods) {
        xml += fmt::format("  <method name=\"{}\">\n", method.name);
        for (const ArgumentSpec& argument : method.in) {
            xml += argument_xml(argument, "in");
        }
        for (const ArgumentSpec& argument : method.out) {
            xml += argument_xml(argument, "out");
        }
        if (method.root_only) {
            xml += annotation_xml("org.freedesktop.systemd1.Privileged", "true");
        }
        xml += "  </method>\n";
    }
    for (const SignalSpec& signal : interface.signals) {
        xml += fmt::format("  <signal name=\"{}\">\n", signal.name);
        for (const ArgumentSpec& argument : signal.arguments) {
            xml += argument_xml(argument, "");
        }
        xml += "  </signal>\n";
    }
    return xml + " </interface>\n";
}

} // namespace

std::string MethodSpec::signature() const {
    std::string all;
    for (const ArgumentSpec& argument : in) {
        all += argument.type;
    }
    return all;
}

const MethodSpec* InterfaceSpec::find_method(std::string_view wanted) const noexcept {
    const auto found =
        std::find_if(methods.begin(), methods.end(),
                     [wanted](const MethodSpec& method) { return method.name == wanted; });
    return found == methods.end() ? nullptr : &*found;
}

std::string introspection(const std::vector<const InterfaceSpec*>& interfaces,
                          const std::vector<std::string>& children) {
    std::string xml(kHead);
    for (const InterfaceSpec* interface : interfaces) {
        xml += interface_xml(*interface);
    }
    for (const std::string& child : children) {
        xml += fmt::format(" <node name=\"{}\"/>\n", child);
    }
    return xml + "</node>\n";
}

} // namespace slipway::bus
