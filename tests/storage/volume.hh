// The file systems that every test of the store is run on.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/loop_fs.hh"

namespace slipway::tests {

/// "ext4", "xfs", "xfs-plain" (no reflinks), "btrfs", "tmpfs", "overlay".
const std::vector<std::string>& all_volumes();

/// Why such a volume cannot be had here; nothing when it can.
std::optional<std::string> no_volume(const std::string& kind);

/// What an image is there: "subvolume" or "directory".
std::string tree_word(const std::string& kind);

/// One that lives as long as the test.
class Volume {
public:
    explicit Volume(const std::string& kind);
    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path operator/(const std::filesystem::path& name) const {
        return path_ / name;
    }
    /// What Pool::file_system() calls it.
    const std::string& type() const noexcept { return type_; }

private:
    std::string type_;
    std::unique_ptr<LoopFs> loop_;
    std::unique_ptr<MountedFs> layers_;
    std::unique_ptr<MountedFs> mounted_;
    std::filesystem::path path_;
};

/// An empty directory on a volume that all tests share: for what does not harm its file system.
class Scratch {
public:
    explicit Scratch(const std::string& kind);
    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path operator/(const std::filesystem::path& name) const {
        return path_ / name;
    }
    const std::string& type() const noexcept { return type_; }

private:
    std::string type_;
    std::filesystem::path path_;
};

} // namespace slipway::tests
