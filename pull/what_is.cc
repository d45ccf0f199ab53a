// Offsets and signatures from the formats' own descriptions, as file(1) and blkid(8) use them.

#include "pull/what_is.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace slipway::pull {
namespace {

using namespace std::literals;

constexpr std::string_view kRaw = "pull-raw and import-raw take it";
constexpr std::string_view kConvert = "convert it first: qemu-img convert -O qcow2 IMAGE NEW.qcow2";
constexpr std::string_view kUnpack = "unpack it and pack the tree as a tar archive";
constexpr std::string_view kTwice = "it is compressed twice: decompress it once";
constexpr std::string_view kUrl = "a server may have sent it instead of the image: look at the URL";

struct Magic {
    std::size_t offset;
    std::string_view bytes;
    Signature signature;
};

constexpr Signature foreign(std::string_view what) {
    return {Family::Disk, what, kConvert, true, true};
}

// The first that fits counts: file systems inside a partition table come after the table.
constexpr std::array kMagics{
    Magic{0, "QFI\xfb"sv, {Family::Disk, "a qcow2 disk image", kRaw}},
    Magic{512, "EFI PART"sv, {Family::Disk, "a disk image with a GPT partition table", kRaw}},
    Magic{4096, "EFI PART"sv, {Family::Disk, "a disk image with a GPT partition table", kRaw}},
    Magic{0, "KDMV"sv, foreign("a VMDK disk image")},
    Magic{0, "vhdxfile"sv, foreign("a VHDX disk image")},
    Magic{64, "\x7f\x10\xda\xbe"sv, foreign("a VDI disk image")},
    Magic{0, "conectix"sv, foreign("a VHD disk image")},
    Magic{0, "QED\0"sv, foreign("a QED disk image")},
    Magic{0, "WithoutFreeSpace"sv, foreign("a Parallels disk image")},
    Magic{0, "WithouFreSpacExt"sv, foreign("a Parallels disk image")},
    Magic{0, "hsqs"sv, {Family::Disk, "a squashfs file system", kRaw}},
    Magic{0, "XFSB"sv, {Family::Disk, "an XFS file system", kRaw}},
    Magic{0, "LUKS\xba\xbe"sv, {Family::Disk, "a LUKS encrypted volume", kRaw}},
    Magic{1024, "\xe2\xe1\xf5\xe0"sv, {Family::Disk, "an EROFS file system", kRaw}},
    Magic{1080, "\x53\xef"sv, {Family::Disk, "an ext2, ext3 or ext4 file system", kRaw}},
    Magic{65600, "_BHRfS_M"sv, {Family::Disk, "a btrfs file system", kRaw}},
    Magic{32769, "CD001"sv, {Family::Disk, "an ISO 9660 image", kRaw}},
    Magic{0, "\x1f\x8b"sv, {Family::Compressed, "a gzip stream", kTwice}},
    Magic{0, "\xfd\x37zXZ\0"sv, {Family::Compressed, "an xz stream", kTwice}},
    Magic{0, "\x28\xb5\x2f\xfd"sv, {Family::Compressed, "a zstd stream", kTwice}},
    Magic{0, "BZh"sv, {Family::Compressed, "a bzip2 stream", kTwice}},
    Magic{0, "\x04\x22\x4d\x18"sv, {Family::Compressed, "an lz4 stream", kTwice}},
    Magic{0, "PK\x03\x04"sv, {Family::Archive, "a zip archive", kUnpack}},
    Magic{0, "070701"sv, {Family::Archive, "a cpio archive", kUnpack}},
    Magic{0, "070702"sv, {Family::Archive, "a cpio archive", kUnpack}},
    Magic{0, "070707"sv, {Family::Archive, "a cpio archive", kUnpack}},
    Magic{0, "\xc7\x71"sv, {Family::Archive, "a cpio archive", kUnpack, false}},
    Magic{0, "7z\xbc\xaf\x27\x1c"sv, {Family::Archive, "a 7-Zip archive", kUnpack}},
    Magic{0, "Rar!\x1a\x07"sv, {Family::Archive, "a RAR archive", kUnpack}},
    Magic{0, "xar!"sv, {Family::Archive, "a xar archive", kUnpack}},
    Magic{0, "!<arch>\n"sv, {Family::Archive, "an ar archive, as Debian packages are", kUnpack}},
    Magic{0, "\xed\xab\xee\xdb"sv, {Family::Archive, "an RPM package", kUnpack}},
    // x86 kernels have it, too.
    Magic{510, "\x55\xaa"sv, {Family::Disk, "a disk image with a boot sector", kRaw, false}},
};

bool starts_like_page(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
    std::string start(text.substr(0, 14));
    std::transform(start.begin(), start.end(), start.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return start.starts_with("<!doctype html") || start.starts_with("<html") ||
           start.starts_with("<head") || start.starts_with("<?xml");
}

} // namespace

std::optional<Signature> what_is(Bytes head) {
    const std::string_view text = as_text(head);
    if (starts_like_page(text)) {
        return Signature{Family::Page, "an HTML or XML page", kUrl};
    }
    for (const Magic& magic : kMagics) {
        if (text.size() >= magic.offset + magic.bytes.size() &&
            text.substr(magic.offset, magic.bytes.size()) == magic.bytes) {
            return magic.signature;
        }
    }
    return std::nullopt;
}

bool is_tar_header(Bytes head) {
    constexpr std::size_t kBlock = 512;
    constexpr std::size_t kSumOffset = 148;
    constexpr std::size_t kSumSize = 8;
    if (head.size() < kBlock) {
        return false;
    }
    const std::string_view block = as_text(head.first(kBlock));
    unsigned sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const bool in_field = i >= kSumOffset && i < kSumOffset + kSumSize;
        sum += in_field ? ' ' : static_cast<unsigned char>(block[i]);
    }
    unsigned stated = 0;
    for (const char c : block.substr(kSumOffset, kSumSize)) {
        if (c >= '0' && c <= '7') {
            stated = stated * 8 + static_cast<unsigned>(c - '0');
        }
    }
    return stated == sum && block.front() != '\0';
}

} // namespace slipway::pull
