// Of a tree no byte is read: an init is found by its name and mode.

#include "cli/image_boots.hh"

#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "base/fd.hh"
#include "base/quoted.hh"
#include "cli/inspection.hh"
#include "cli/job_request.hh"
#include "machine/root_tree.hh"

namespace slipway::cli {
namespace {

std::optional<disk::BootWays> look_at_tree(const storage::Image& image, const std::string& name) {
    const Fd tree(::open(image.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!tree || ::faccessat(tree.get(), ".", X_OK, AT_EACCESS) < 0) {
        return std::nullopt;
    }
    disk::BootWays ways;
    const std::string init = machine::find_init(tree.get());
    if (init.empty()) {
        ways.container = {false, "no-init",
                          fmt::format("it has no init: none of /usr/lib/systemd/systemd, "
                                      "/lib/systemd/systemd and /sbin/init; run a command of it "
                                      "with 'slipway run {} COMMAND'",
                                      name)};
    } else {
        ways.container = {true, "init", fmt::format("its init is {}", init)};
    }
    ways.machine = {false, "tree", "it is a tree, and a virtual machine boots from a disk"};
    return ways;
}

std::string reason_text(std::string_view way, const disk::Way& judged) {
    return fmt::format("\n{}as {}: {}", judged.works ? "" : "not ", way, relayed(judged.reason));
}

std::string upper_case(std::string text) {
    for (char& letter : text) {
        letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    return text;
}

} // namespace

std::optional<disk::BootWays> find_boot_ways(const Options& options, const std::string& name,
                                             const storage::Image& image) {
    if (options.image_class != storage::ImageClass::Machine || image.path == "/") {
        return std::nullopt;
    }
    if (image.type == storage::ImageType::Raw || image.type == storage::ImageType::Block) {
        return inspect_disk(inspect_request(options, transfer::Verb::InspectDisk, name));
    }
    return look_at_tree(image, name);
}

std::string boot_text(const disk::BootWays& ways) {
    std::vector<std::string> found;
    if (ways.container.works) {
        found.emplace_back("container");
    }
    if (ways.machine.works) {
        std::vector<std::string> firmware;
        for (const std::string& one : ways.firmware) {
            firmware.push_back(upper_case(escaped(one)));
        }
        found.push_back(fmt::format("machine ({})", fmt::join(firmware, ", ")));
    }
    std::string text = found.empty() ? "no" : fmt::format("{}", fmt::join(found, ", "));
    if (ways.container == ways.machine) { // one obstacle is in both ways
        return text + ": " + relayed(ways.container.reason);
    }
    return text + reason_text("container", ways.container) + reason_text("machine", ways.machine);
}

} // namespace slipway::cli
