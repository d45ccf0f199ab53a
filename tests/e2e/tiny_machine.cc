// The disk is made once for all machines of a run, and copied.

#include "tests/e2e/tiny_machine.hh"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <net/if.h>
#include <unistd.h>

#include "spawn/cgroup.hh"
#include "spawn/process_id.hh"
#include "spawn/registry.hh"
#include "tests/e2e/booted_machine.hh"

namespace slipway::tests {
namespace {

namespace fs = std::filesystem;

fs::path sources() {
    const char* top = std::getenv("SLIPWAY_SOURCES");
    return top == nullptr ? "." : top;
}

fs::path kernel_tree() {
    return sources() / ".cache/kernel"; // dev/setup unpacks it there
}

const fs::path& master_disk() {
    static const TempDir directory;
    static const fs::path disk = [] {
        fs::path made = directory / "tiny.raw";
        run_ok({(sources() / "testdata/vm/make-disk").string(), kernel_tree().string(),
                made.string()});
        return made;
    }();
    return disk;
}

std::vector<fs::path> groups_called(const std::string& name) {
    std::vector<fs::path> groups;
    for (const fs::path root :
         {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}) {
        if (fs::exists(root / "slipway" / name)) {
            groups.push_back(root / "slipway" / name);
        }
    }
    return groups;
}

} // namespace

std::optional<std::string> no_virtual_machines() {
    if (auto why = no_machines()) {
        return why;
    }
    for (const fs::path& needed :
         {fs::path("/usr/bin/qemu-system-x86_64"), fs::path("/usr/share/OVMF/OVMF_CODE_4M.fd"),
          fs::path("/usr/sbin/dropbear"), kernel_tree() / "boot"}) {
        if (!fs::exists(needed)) {
            return needed.string() + " is not there";
        }
    }
    return std::nullopt;
}

TinyMachine::TinyMachine() {
    static int count = 0;
    name_ = fmt::format("v{}-{}", ::getpid(), ++count);
    fs::copy_file(master_disk(), disk());
}

TinyMachine::~TinyMachine() {
    slipway({"terminate", name_});
    slipway({"list"});
}

RunResult TinyMachine::start(std::vector<std::string> options) const {
    std::vector<std::string> words{"start", "--pool", pool_.path().string(), "--memory=256M"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(name_);
    return slipway(words);
}

RunResult TinyMachine::slipway(std::vector<std::string> words) const {
    words.insert(words.begin(), program("slipway").string());
    return run(words, {.environment = {"STATE_DIRECTORY=" + state_.path().string()},
                       .patience = std::chrono::seconds(240)});
}

std::string TinyMachine::console() const {
    const fs::path file = spawn::Registry().directory_of(name_) / "console";
    return fs::exists(file) ? read_file(file) : "";
}

std::vector<std::string> TinyMachine::traces() const {
    std::vector<std::string> found;
    for (const fs::path& group : groups_called(name_)) {
        for (const pid_t pid : spawn::processes_of(group)) {
            found.push_back(fmt::format("process {}", pid));
        }
        found.push_back(group);
    }
    if (::if_nametoindex(("vt-" + name_).c_str()) != 0) {
        found.push_back("vt-" + name_);
    }
    for (const auto& entry : fs::recursive_directory_iterator("/run")) {
        if (entry.path().string().find(name_) != std::string::npos ||
            entry.path().string().find("/locks/inode-") != std::string::npos) {
            found.push_back(entry.path());
        }
    }
    for (const std::string& entry : pool_.entries()) {
        if (entry != name_ + ".raw") {
            found.push_back("in the pool: " + entry);
        }
    }
    return found;
}

} // namespace slipway::tests
