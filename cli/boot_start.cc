// The names of machines need no escaping in the name of a unit: letters, digits, '-' and '.'.

#include "cli/boot_start.hh"

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/host_facts.hh"
#include "spawn/registry.hh"

namespace slipway::cli {

std::vector<std::string> machine_units(const std::vector<std::string>& names) {
    std::vector<std::string> units;
    for (const std::string& name : names) {
        if (!spawn::is_machine_name(name)) {
            throw Error(Kind::InvalidArgument,
                        "{} is no name for a machine; expected letters, digits, '-' and '.', no "
                        "more than 64, as in a host name; nothing was changed",
                        quoted(name));
        }
        units.push_back("systemd-nspawn@" + name + ".service");
    }
    return units;
}

void expect_systemd(const std::string& verb, const std::string& name) {
    if (!machine::runs_systemd()) {
        throw Error(Kind::Unsupported,
                    "'slipway {}' is done by the host's systemd, which does not run here; nothing "
                    "was changed. Add 'slipway start {}' to the host's own start scripts, or take "
                    "it out of them",
                    verb, name);
    }
}

void print_changes(const std::vector<toolbox::UnitFileChange>& changes, const Options& options,
                   Console& console) {
    for (const toolbox::UnitFileChange& change : changes) {
        if (options.quiet) {
            continue;
        }
        print_error(console, change.type == "unlink" ? fmt::format("removed {}", change.file)
                                                     : fmt::format("made {}, a link to {}",
                                                                   change.file, change.target));
    }
}

} // namespace slipway::cli
