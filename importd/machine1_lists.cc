// Lists and properties. The disk is looked at on another thread, so that a property, too, is
// answered later.

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "importd/machine1.hh"
#include "importd/machine1_error.hh"
#include "importd/machine1_interface.hh"
#include "importd/machine1_path.hh"
#include "importd/machine1_view.hh"

namespace slipway::importd {
namespace {

bus::Failure unknown_property(const std::string& interface, const std::string& name) {
    return {"org.freedesktop.DBus.Error.UnknownProperty",
            fmt::format("Unknown interface {} or property {}.", interface, name)};
}

bool is_standard(const std::string& interface) {
    return interface == "org.freedesktop.DBus.Peer" ||
           interface == "org.freedesktop.DBus.Introspectable" ||
           interface == "org.freedesktop.DBus.Properties";
}

bool has_property(const bus::InterfaceSpec& interface, const std::string& name) {
    return std::any_of(interface.properties.begin(), interface.properties.end(),
                       [&name](const bus::PropertySpec& one) { return one.name == name; });
}

// What is answered once all properties of the interface are there.
void answer_property(const bus::Call& call, const bus::Properties& properties,
                     const std::string& name) {
    if (name.empty()) {
        call.answer(properties);
        return;
    }
    for (const auto& [one, value] : properties) {
        if (one == name) {
            call.answer(value);
            return;
        }
    }
}

// The interface that Get, GetAll or Set names; nothing when the call is answered already. Without a
// name GetAll is about the contract's own: machinectl prints whatever it gets.
const bus::InterfaceSpec* asked_interface(const bus::Call& call,
                                          const std::vector<const bus::InterfaceSpec*>& has,
                                          const std::string& interface, const std::string& name) {
    for (const bus::InterfaceSpec* one : has) {
        const bool is_it = interface.empty() || one->name == interface;
        if (is_it && (name.empty() || has_property(*one, name))) {
            return one;
        }
    }
    if (!name.empty()) {
        call.fail(unknown_property(interface, name));
    } else if (is_standard(interface)) {
        call.answer(bus::Properties());
    } else {
        call.fail({"org.freedesktop.DBus.Error.UnknownInterface",
                   fmt::format("Unknown interface '{}'.", interface)});
    }
    return nullptr;
}

} // namespace

void Machine1::list_images(const bus::Call& call) {
    service_.list_images(
        "machine",
        [call](const std::vector<jobs::ListedImage>& images) {
            std::vector<Machine1Image> list;
            list.reserve(images.size());
            for (const jobs::ListedImage& image : images) {
                list.push_back(machine1_entry(image));
            }
            call.answer(list);
        },
        [call](const jobs::Refusal& refusal) { call.fail(machine1_failure(refusal)); });
}

void Machine1::list_children(const bus::Call& call) {
    service_.list_images(
        "machine",
        [call](const std::vector<jobs::ListedImage>& images) {
            std::vector<std::string> children;
            for (const jobs::ListedImage& listed : images) {
                children.push_back(escape_label(listed.image.name.text()));
            }
            call.answer(bus::introspection({}, children));
        },
        [call](const jobs::Refusal& refusal) { call.fail(machine1_failure(refusal)); });
}

void Machine1::get_image(const bus::Call& call) {
    const auto [name] = call.read<std::string>();
    with_image(call, name, [call, name = name](const jobs::ImageView&) {
        call.answer(bus::ObjectPath(image_path(name)));
    });
}

void Machine1::read_properties(
    const bus::Call& call, const std::vector<const bus::InterfaceSpec*>& has,
    const std::function<void(const bus::InterfaceSpec& interface, Told told)>& find) {
    const std::string member = call.member();
    std::string interface;
    std::string name;
    if (member == "GetAll") {
        std::tie(interface) = call.read<std::string>();
    } else if (member == "Get" || member == "Set") {
        std::tie(interface, name) = call.read<std::string, std::string>();
    } else {
        call.fail({"org.freedesktop.DBus.Error.UnknownMethod",
                   fmt::format("Unknown method {} or interface {}.", member, call.interface())});
        return;
    }
    const bus::InterfaceSpec* asked = asked_interface(call, has, interface, name);
    if (asked == nullptr) {
        return;
    }
    if (member == "Set") {
        call.fail({"org.freedesktop.DBus.Error.PropertyReadOnly",
                   fmt::format("Property '{}' is not writable.", name)});
        return;
    }
    find(*asked, [call, name](const bus::Properties& properties) {
        answer_property(call, properties, name);
    });
}

void Machine1::pool_properties_of(const bus::Call& call) {
    read_properties(
        call, {&machine1_manager()}, [this, call](const bus::InterfaceSpec&, const Told& told) {
            service_.find_pool(
                "machine", [told](const jobs::PoolView& pool) { told(pool_properties(pool)); },
                [call](const jobs::Refusal& refusal) { call.fail(machine1_failure(refusal)); });
        });
}

void Machine1::image_properties_of(const bus::Call& call, const std::string& name) {
    read_properties(call, {&machine1_image(), &slipway_image()},
                    [this, call, name](const bus::InterfaceSpec& interface, const Told& told) {
                        const bool is_ours = interface.name == slipway_image().name;
                        with_image(call, name, [told, is_ours](const jobs::ImageView& image) {
                            told(is_ours ? slipway_properties(image)
                                         : machine1_properties(image.listed));
                        });
                    });
}

} // namespace slipway::importd
