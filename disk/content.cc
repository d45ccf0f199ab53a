// Offsets and signatures from the formats' own descriptions, as blkid(8) uses them.

#include "disk/content.hh"

#include <array>
#include <vector>

#include "disk/little_endian.hh"
#include "disk/read_at.hh"
#include "disk/zero_scan.hh"

namespace slipway::disk {
namespace {

using namespace std::literals;

constexpr std::size_t kPieceBytes = 4 * KiB;
constexpr std::size_t kFarBytes = 64 * KiB; // where btrfs begins

struct Magic {
    std::size_t offset;
    std::string_view bytes;
    Content content;
};

constexpr std::array kMagics{
    Magic{0, "QFI\xfb"sv, {Holds::DiskImage, "qcow2"}},
    Magic{0, "KDMV"sv, {Holds::DiskImage, "VMDK"}},
    Magic{0, "vhdxfile"sv, {Holds::DiskImage, "VHDX"}},
    Magic{0, "LUKS\xba\xbe"sv, {Holds::Encrypted, "LUKS"}},
    Magic{0, "XFSB"sv, {Holds::FileSystem, "xfs"}},
    Magic{0, "hsqs"sv, {Holds::FileSystem, "squashfs"}},
    Magic{1024, "\xe2\xe1\xf5\xe0"sv, {Holds::FileSystem, "erofs"}},
    Magic{1024, "\x10\x20\xf5\xf2"sv, {Holds::FileSystem, "f2fs"}},
    Magic{65600, "_BHRfS_M"sv, {Holds::FileSystem, "btrfs"}},
    Magic{54, "FAT"sv, {Holds::FileSystem, "FAT"}},
    Magic{82, "FAT32"sv, {Holds::FileSystem, "FAT"}},
};

bool has(std::string_view head, std::size_t offset, std::string_view bytes) {
    return head.size() >= offset + bytes.size() && head.substr(offset, bytes.size()) == bytes;
}

// Which one its features tell (Documentation/filesystems/ext4, "The Super Block").
std::string_view ext_name(Bytes super) {
    constexpr std::uint32_t kJournal = 0x4;
    constexpr std::uint32_t kOfExt4 = 0x3c0; // extents, 64bit, mmp, flex_bg
    if ((little_endian<std::uint32_t>(super, 0x60) & kOfExt4) != 0) {
        return "ext4";
    }
    return (little_endian<std::uint32_t>(super, 0x5c) & kJournal) != 0 ? "ext3" : "ext2";
}

} // namespace

Content find_content(Bytes head) {
    constexpr std::size_t kSuper = 1024;
    const std::string_view text = as_text(head);
    for (const Magic& magic : kMagics) {
        if (has(text, magic.offset, magic.bytes)) {
            return magic.content;
        }
    }
    if (has(text, kSuper + 56, "\x53\xef") && head.size() >= 2 * kSuper) {
        return {Holds::FileSystem, ext_name(head.subspan(kSuper, kSuper))};
    }
    return {all_zero(head) ? Holds::Blank : Holds::Unknown, {}};
}

Content find_content_at(int disk, std::uint64_t start_bytes) {
    std::vector<std::byte> head = read_at(disk, start_bytes, kPieceBytes);
    const std::vector<std::byte> far = read_at(disk, start_bytes + kFarBytes, kPieceBytes);
    if (!far.empty()) {
        head.resize(kFarBytes); // nothing in between is looked at
        head.insert(head.end(), far.begin(), far.end());
    }
    return find_content(head);
}

} // namespace slipway::disk
