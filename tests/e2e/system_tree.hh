// This system once more, as a tree to boot: an overlay over our own root, so that nothing has to be
// fetched and nothing of ours is changed. What is enabled here is not enabled there.

#pragma once

#include <filesystem>
#include <optional>

#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

class SystemTree {
public:
    SystemTree();
    ~SystemTree();
    SystemTree(const SystemTree&) = delete;
    SystemTree& operator=(const SystemTree&) = delete;

    /// As we see it: what is written there, it has.
    const std::filesystem::path& root() const noexcept { return root_->path(); }

private:
    TempDir directory_;
    std::optional<MountedFs> root_;
};

} // namespace slipway::tests
