// Loop file systems, tmpfs and overlayfs under one name.

#include "tests/storage/volume.hh"

#include <map>

#include <fmt/format.h>

#include "base/bytes.hh"

namespace slipway::tests {

const std::vector<std::string>& all_volumes() {
    static const std::vector<std::string> kinds = {"ext4",  "xfs",   "xfs-plain",
                                                   "btrfs", "tmpfs", "overlay"};
    return kinds;
}

std::optional<std::string> no_volume(const std::string& kind) {
    if (kind == "tmpfs") {
        return no_mounts();
    }
    if (kind == "overlay") {
        if (auto why = no_mounts()) {
            return why;
        }
        try {
            Volume{kind};
            return std::nullopt;
        } catch (const std::exception& error) {
            return fmt::format("no overlay here: {}", error.what());
        }
    }
    return no_loop_fs(kind == "xfs-plain" ? "xfs" : kind);
}

std::string tree_word(const std::string& kind) {
    return kind == "btrfs" ? "subvolume" : "directory";
}

Volume::Volume(const std::string& kind) : type_(kind) {
    if (kind == "tmpfs") {
        mounted_ = std::make_unique<MountedFs>("tmpfs", "size=64m,mode=0755");
        path_ = mounted_->path();
    } else if (kind == "overlay") {
        layers_ = std::make_unique<MountedFs>("tmpfs", "size=64m,mode=0755");
        for (const char* layer : {"lower", "upper", "work"}) {
            std::filesystem::create_directory(layers_->path() / layer);
        }
        mounted_ = std::make_unique<MountedFs>(
            "overlay", fmt::format("lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work",
                                   layers_->path().string()));
        path_ = mounted_->path();
        type_ = "overlayfs";
    } else {
        LoopOptions options;
        if (kind == "xfs-plain") {
            type_ = "xfs";
            options.mkfs = {"-m", "reflink=0"};
        }
        loop_ = std::make_unique<LoopFs>(type_, 320 * MiB, options);
        path_ = loop_->path();
    }
}

Scratch::Scratch(const std::string& kind) {
    static std::map<std::string, Volume> volumes;
    static unsigned number = 0;
    const Volume& volume = volumes.try_emplace(kind, kind).first->second;
    type_ = volume.type();
    path_ = volume / fmt::format("scratch-{}", ++number);
    std::filesystem::create_directory(path_);
}

} // namespace slipway::tests
