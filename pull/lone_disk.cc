// Told by the bytes; by the name only where the bytes say nothing (a disk may start with zeros).

#include "pull/lone_disk.hh"

#include <algorithm>
#include <array>

#include "base/error.hh"
#include "base/quoted.hh"
#include "pull/header_feed.hh"

namespace slipway::pull {
namespace {

[[noreturn]] void throw_disk(const std::string& name, std::string_view what) {
    throw Error(
        Kind::Unsupported,
        "the archive holds a disk image, {} ({}), and no tree; pull-raw and import-raw take such "
        "an archive",
        quoted(name), what);
}

bool has_disk_suffix(std::string_view name) {
    constexpr std::array<std::string_view, 6> kSuffixes{".raw",  ".img", ".qcow2",
                                                        ".vmdk", ".vhd", ".iso"};
    return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                       [name](std::string_view suffix) { return name.ends_with(suffix); });
}

} // namespace

void LoneDisk::begin(const EntryName& name) {
    if (++files_ == 1) {
        name_ = name.path();
        at_top_ = name.directory().empty();
    }
}

void LoneDisk::add(std::uint64_t offset, Bytes data) {
    if (judged_) {
        return;
    }
    if (offset < HeaderFeed::kHeadBytes) {
        head_.resize(offset); // a hole reads as zeros
        head_ += as_text(data.first(std::min(data.size(), HeaderFeed::kHeadBytes - offset)));
    }
    if (offset + data.size() >= HeaderFeed::kHeadBytes) {
        judge();
    }
}

void LoneDisk::end() {
    if (!judged_) {
        judge();
    }
}

void LoneDisk::judge() {
    judged_ = true;
    signature_ = what_is(as_bytes(head_));
    head_ = {};
    if (signature_ && (signature_->family != Family::Disk || !signature_->certain)) {
        at_top_ = false;
    }
    if (signature_ && at_top_) {
        throw_disk(name_, signature_->what);
    }
}

void LoneDisk::check(std::uint64_t others) const {
    if (files_ != 1 || others != 0) {
        return;
    }
    if (signature_ && signature_->family == Family::Disk) {
        throw_disk(name_, signature_->what);
    }
    if (!signature_ && has_disk_suffix(name_)) {
        throw_disk(name_, "by its name");
    }
}

} // namespace slipway::pull
