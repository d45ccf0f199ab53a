// Which object and which method: the Manager's forms of an image's methods read the name first and
// are the same from there.

#include "importd/machine1.hh"

#include <array>
#include <optional>

#include "base/error.hh"
#include "base/quoted.hh"
#include "importd/machine1_error.hh"
#include "importd/machine1_interface.hh"
#include "importd/machine1_path.hh"

namespace slipway::importd {
namespace {

constexpr std::string_view kIntrospectable = "org.freedesktop.DBus.Introspectable";
constexpr std::string_view kProperties = "org.freedesktop.DBus.Properties";

bus::Failure unknown_method(const bus::Call& call) {
    return {"org.freedesktop.DBus.Error.UnknownMethod",
            fmt::format("Unknown method {} or interface {}.", call.member(), call.interface())};
}

// Whether the call is for this interface and can be read. @throws Error  it cannot
bool fits(const bus::Call& call, const bus::InterfaceSpec& interface) {
    if (!call.interface().empty() && call.interface() != interface.name) {
        return false;
    }
    const bus::MethodSpec* method = interface.find_method(call.member());
    if (method != nullptr && method->signature() != call.signature()) {
        throw Error(Kind::InvalidArgument,
                    "Invalid arguments '{}' to call {}.{}(), expecting '{}'.", call.signature(),
                    interface.name, method->name, method->signature());
    }
    return method != nullptr;
}

// The name of the image, or the machine, whose object it is.
std::optional<std::string> name_in(std::string_view path, const char* parent) {
    const std::string below = std::string(parent) + "/";
    return path.starts_with(below) ? unescape_label(path.substr(below.size())) : std::nullopt;
}

} // namespace

struct Machine1::ManagerRow {
    std::string_view name;
    Handler handler;
};

struct Machine1::ImageRow {
    std::string_view name;
    std::string_view of_manager;
    ImageHandler handler;
};

struct Machine1::MachineRow {
    std::string_view name;
    std::string_view of_manager;
    ImageHandler handler;
};

Machine1::Machine1(bus::Connection& connection, jobs::Service& service,
                   Authorization& authorization, Look look)
    : service_(service), authorization_(authorization), look_(std::move(look)),
      tree_(
          connection, kMachine1Path,
          [](const std::exception& error) { return machine1_failure(error); },
          [this](const bus::Call& call) { take(call); }) {
    service_.add_observer(*this);
}

void Machine1::take(const bus::Call& call) {
    const std::string path = call.path();
    if (path == kMachine1Path || path == kImagesPath || path == kMachinesPath) {
        take_manager(call);
    } else if (const auto name = name_in(path, kImagesPath)) {
        take_image(call, *name);
    } else if (const auto machine = name_in(path, kMachinesPath)) {
        take_machine(call, *machine);
    } else {
        call.fail({"org.freedesktop.DBus.Error.UnknownObject",
                   fmt::format("Unknown object '{}'.", path)});
    }
}

// The methods of an image, and what they are called as methods of the manager.
const Machine1::ImageRow* Machine1::find_image_row(std::string_view member, bool of_manager) {
    static constexpr std::array kRows{
        ImageRow{"Remove", "RemoveImage", &Machine1::remove},
        ImageRow{"Rename", "RenameImage", &Machine1::rename},
        ImageRow{"Clone", "CloneImage", &Machine1::clone},
        ImageRow{"MarkReadOnly", "MarkImageReadOnly", &Machine1::mark_read_only},
        ImageRow{"SetLimit", "SetImageLimit", &Machine1::set_limit},
        ImageRow{"GetHostname", "GetImageHostname", &Machine1::get_hostname},
        ImageRow{"GetMachineID", "GetImageMachineID", &Machine1::get_machine_id},
        ImageRow{"GetMachineInfo", "GetImageMachineInfo", &Machine1::get_machine_info},
        ImageRow{"GetOSRelease", "GetImageOSRelease", &Machine1::get_os_release},
    };
    for (const ImageRow& row : kRows) {
        if ((of_manager ? row.of_manager : row.name) == member) {
            return &row;
        }
    }
    return nullptr;
}

const Machine1::MachineRow* Machine1::find_machine_row(std::string_view member, bool of_manager) {
    static constexpr std::array kRows{
        MachineRow{"Terminate", "TerminateMachine", &Machine1::terminate_machine},
        MachineRow{"Kill", "KillMachine", &Machine1::kill_machine},
        MachineRow{"GetAddresses", "GetMachineAddresses", &Machine1::get_machine_addresses},
        MachineRow{"GetOSRelease", "GetMachineOSRelease", &Machine1::get_machine_os_release},
        MachineRow{"GetUIDShift", "GetMachineUIDShift", &Machine1::get_machine_uid_shift},
    };
    for (const MachineRow& row : kRows) {
        if ((of_manager ? row.of_manager : row.name) == member) {
            return &row;
        }
    }
    return nullptr;
}

void Machine1::take_manager(const bus::Call& call) {
    static constexpr std::array kRows{
        ManagerRow{"ListImages", &Machine1::list_images},
        ManagerRow{"ListMachines", &Machine1::list_machines},
        ManagerRow{"GetMachine", &Machine1::get_machine},
        ManagerRow{"GetMachineByPID", &Machine1::get_machine_by_pid},
        ManagerRow{"GetImage", &Machine1::get_image},
        ManagerRow{"SetPoolLimit", &Machine1::set_pool_limit},
        ManagerRow{"CleanPool", &Machine1::clean_pool},
    };
    const std::string member = call.member();
    if (call.interface() == kIntrospectable) {
        introspect(call);
        return;
    }
    const bool is_manager = call.path() == kMachine1Path;
    if (call.interface() == kProperties && is_manager) {
        pool_properties_of(call);
        return;
    }
    if (!is_manager || !fits(call, machine1_manager())) {
        call.fail(unknown_method(call));
        return;
    }
    for (const ManagerRow& row : kRows) {
        if (row.name == member) {
            (this->*row.handler)(call);
            return;
        }
    }
    if (const ImageRow* row = find_image_row(member, true)) {
        const auto [name] = call.read<std::string>();
        (this->*row->handler)(call, name);
        return;
    }
    if (const MachineRow* row = find_machine_row(member, true)) {
        const auto [name] = call.read<std::string>();
        (this->*row->handler)(call, name);
        return;
    }
    refuse_machine(call); // all the others are about machines
}

void Machine1::take_machine(const bus::Call& call, const std::string& name) {
    if (call.interface() == kIntrospectable) {
        with_machine(call, name, [&](const spawn::MachineRecord&) { introspect(call); });
        return;
    }
    if (call.interface() == kProperties) {
        machine_properties_of(call, name);
        return;
    }
    const MachineRow* row = find_machine_row(call.member(), false);
    if (row != nullptr && fits(call, machine1_machine())) {
        (this->*row->handler)(call, name);
        return;
    }
    with_machine(call, name, [&](const spawn::MachineRecord&) { call.fail(unknown_method(call)); });
}

void Machine1::take_image(const bus::Call& call, const std::string& name) {
    if (call.interface() == kIntrospectable) {
        with_image(call, name, [this, call](const jobs::ImageView&) { introspect(call); });
        return;
    }
    if (call.interface() == kProperties) {
        image_properties_of(call, name);
        return;
    }
    const ImageRow* row = find_image_row(call.member(), false);
    if (row != nullptr && fits(call, machine1_image())) {
        (this->*row->handler)(call, name);
        return;
    }
    call.fail(unknown_method(call));
}

void Machine1::introspect(const bus::Call& call) {
    if (call.member() != "Introspect") {
        call.fail(unknown_method(call));
    } else if (call.path() == kMachine1Path) {
        call.answer(bus::introspection({&machine1_manager()}, {"image", "machine"}));
    } else if (call.path() == kImagesPath) {
        list_children(call);
    } else if (call.path() == kMachinesPath) {
        list_machine_children(call);
    } else if (name_in(call.path(), kMachinesPath)) {
        call.answer(bus::introspection({&machine1_machine()}, {}));
    } else {
        call.answer(bus::introspection({&machine1_image(), &slipway_image()}, {}));
    }
}

void Machine1::with_image(const bus::Call& call, const std::string& name,
                          std::function<void(const jobs::ImageView&)> found) {
    const auto valid = storage::ImageName::if_valid(name);
    if (!valid) {
        throw Error(Kind::InvalidArgument, "Image name {} is invalid.", quoted(name));
    }
    service_.find_image(
        "machine", *valid,
        [call, name, found = std::move(found)](const std::optional<jobs::ImageView>& image) {
            if (!image && call.path() != kMachine1Path) {
                call.fail({"org.freedesktop.DBus.Error.UnknownObject",
                           fmt::format("Unknown object '{}'.", call.path())});
                return;
            }
            if (!image) {
                call.fail(no_such_image(name));
                return;
            }
            try {
                found(*image);
            } catch (const std::exception& error) {
                call.fail(error);
            }
        },
        [call](const jobs::Refusal& refusal) { call.fail(machine1_failure(refusal)); });
}

} // namespace slipway::importd
