// slipway enable NAME...

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/boot_start.hh"
#include "cli/commands.hh"
#include "storage/catalog.hh"

namespace slipway::cli {
namespace {

// The unit looks where all of systemd looks.
void expect_image(const std::string& name) {
    const auto places = storage::search_path(storage::ImageClass::Machine, storage::kDefaultPool);
    if (!storage::locate_image(places, storage::ImageName::parse(name))) {
        throw Error(Kind::NotFound,
                    "there is no image {}; 'slipway list-images' shows those that there are; "
                    "nothing was changed",
                    quoted(name));
    }
}

} // namespace

int cmd_enable(const Invocation& asked, Console& console) {
    expect_systemd("enable", asked.operands.front());
    std::vector<std::string> units = machine_units(asked.operands);
    for (const std::string& name : asked.operands) {
        expect_image(name);
    }
    units.insert(units.begin(), "machines.target");
    print_changes(toolbox::ServiceManager().enable(units), asked.options, console);
    return 0;
}

} // namespace slipway::cli
