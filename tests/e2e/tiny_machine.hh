// The smallest virtual machine: a kernel of Debian's and a busybox, on a disk that UEFI boots. qemu
// runs its instructions itself, so that it boots in seconds on every host.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/support/programs.hh"
#include "tests/support/temp_pool.hh"

namespace slipway::tests {

/// Why no such machine can be booted here; nothing when one can.
std::optional<std::string> no_virtual_machines();

class TinyMachine {
public:
    /// Makes its image; does not boot it.
    TinyMachine();
    /// Ends it, if it runs.
    ~TinyMachine();
    TinyMachine(const TinyMachine&) = delete;
    TinyMachine& operator=(const TinyMachine&) = delete;

    /// `slipway start`, with these options beside those that it needs.
    RunResult start(std::vector<std::string> options = {}) const;
    RunResult slipway(std::vector<std::string> words) const;
    std::string console() const;
    const std::string& name() const noexcept { return name_; }
    std::filesystem::path disk() const { return pool_ / (name_ + ".raw"); }
    /// What it keeps from one start to the next.
    std::filesystem::path kept() const { return state_ / "machines" / name_; }

    /// What is still there of it: processes, control groups, links, locks, files. One line each.
    std::vector<std::string> traces() const;

private:
    TempPool pool_;
    TempDir state_;
    std::string name_;
};

} // namespace slipway::tests
