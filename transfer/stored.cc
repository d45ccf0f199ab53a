// Trees are counted in entries, disks in what of them is data.

#include "transfer/stored.hh"

#include <variant>

#include <fmt/format.h>

#include "base/quoted.hh"
#include "base/size.hh"

namespace slipway::transfer {
namespace {

std::string extent_of(const pull::Unpacked& tree) {
    return fmt::format("{} in {} entries", format_size(tree.unpacked_bytes), tree.entries);
}

std::string extent_of(const pull::UnpackedDisk& disk) {
    return fmt::format("{} of which {} are data, {}", format_size(disk.size_bytes),
                       format_size(disk.data_bytes), disk.format);
}

} // namespace

std::string_view noun(storage::ImageType type) noexcept {
    return type == storage::ImageType::Raw ? "raw disk" : storage::word(type);
}

std::string extent(const pull::UnpackDone& unpacked) {
    return std::visit([](const auto& what) { return extent_of(what); }, unpacked.what);
}

std::vector<std::string> remarks(const pull::UnpackDone& unpacked) {
    if (const auto* tree = std::get_if<pull::Unpacked>(&unpacked.what)) {
        if (!tree->hoisted.empty()) {
            return {fmt::format("the tree beneath {} was moved one directory up",
                                quoted(tree->hoisted))};
        }
        return {};
    }
    const auto& disk = std::get<pull::UnpackedDisk>(unpacked.what);
    if (!disk.member.empty()) {
        return {fmt::format("the disk is {} of a tar", quoted(disk.member))};
    }
    return {};
}

bool is_plain_disk(const pull::UnpackDone& unpacked) {
    const auto* disk = std::get_if<pull::UnpackedDisk>(&unpacked.what);
    return disk != nullptr && disk->format == "raw" && disk->member.empty() &&
           unpacked.codec == "plain";
}

} // namespace slipway::transfer
