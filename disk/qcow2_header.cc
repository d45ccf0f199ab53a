// Nothing here is believed before it was compared: numbers that later code adds or multiplies have
// bounds afterwards.

#include "disk/qcow2_header.hh"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "disk/big_endian.hh"

namespace slipway::disk {
namespace {

using namespace std::literals;

constexpr std::string_view kMagic = "QFI\xfb"sv;
constexpr std::size_t kVersion2Bytes = 72;
constexpr std::size_t kVersion3Bytes = 104;
constexpr unsigned kMinClusterBits = 9;
constexpr unsigned kMaxClusterBits = 21; // as QEMU
constexpr unsigned kMinExtendedBits = 14;
constexpr std::uint64_t kMaxL1Bytes = 32 * MiB; // as QEMU
constexpr std::uint64_t kSectorBytes = 512;
constexpr std::uint64_t kMaxNameBytes = 1023;

constexpr std::uint32_t kDataFileExtension = 0x44415441;
constexpr std::uint32_t kFeatureNames = 0x6803f857;

enum IncompatibleBit : unsigned {
    Dirty,
    Corrupted,
    DataFile,
    CompressionType,
    ExtendedL2,
    Unknown
};

std::uint32_t word32(Bytes head, std::size_t offset) {
    return big_endian<std::uint32_t>(head, offset);
}

std::uint64_t word64(Bytes head, std::size_t offset) {
    return big_endian<std::uint64_t>(head, offset);
}

// " 'base.img'", or nothing where it does not lie in the head.
std::string named(Bytes head, std::uint64_t offset, std::uint64_t length) {
    if (length == 0 || length > kMaxNameBytes || offset > head.size() ||
        length > head.size() - offset) {
        return "";
    }
    return ", " + quoted(as_text(head.subspan(offset, length))) + ",";
}

// The data of the first header extension of this type.
std::optional<Bytes> find_extension(Bytes head, std::size_t header_bytes, std::uint32_t type) {
    std::size_t at = header_bytes;
    while (at + 8 <= head.size()) {
        const std::uint32_t found = word32(head, at);
        const std::uint32_t length = word32(head, at + 4);
        at += 8;
        if (found == 0 || length > head.size() - at) {
            break;
        }
        if (found == type) {
            return head.subspan(at, length);
        }
        at += (std::size_t{length} + 7) / 8 * 8;
    }
    return std::nullopt;
}

// What the image itself calls an incompatible feature.
std::string feature_name(Bytes head, std::size_t header_bytes, unsigned bit) {
    constexpr std::size_t kEntry = 48;
    const Bytes table = find_extension(head, header_bytes, kFeatureNames).value_or(Bytes());
    for (std::size_t at = 0; at + kEntry <= table.size(); at += kEntry) {
        if (table[at] == std::byte{0} && std::to_integer<unsigned>(table[at + 1]) == bit) {
            const std::string_view name = as_text(table.subspan(at + 2, kEntry - 2));
            return ", which it calls " + quoted(name.substr(0, name.find('\0'))) + ",";
        }
    }
    return "";
}

[[noreturn]] void throw_impossible(const std::string& what) {
    throw Error(Kind::Corrupt, "the qcow2 header cannot be true: {}", what);
}

std::size_t check_version(Bytes head, std::uint32_t version) {
    if (version == 1) {
        throw Error(Kind::Unsupported,
                    "the image is in version 1 of the qcow format; convert it: qemu-img convert "
                    "-f qcow -O qcow2 IMAGE NEW.qcow2");
    }
    if (version != 2 && version != 3) {
        throw Error(Kind::Unsupported,
                    "the image is in version {} of the qcow2 format; 2 and 3 are read. Convert it: "
                    "qemu-img convert -O qcow2 IMAGE NEW.qcow2",
                    version);
    }
    const std::size_t least = version == 2 ? kVersion2Bytes : kVersion3Bytes;
    if (head.size() < least) {
        throw Error(Kind::Corrupt, "the qcow2 image is cut off in its header, at byte {}",
                    head.size());
    }
    if (version == 2) {
        return kVersion2Bytes;
    }
    const std::size_t length = word32(head, 100);
    if (length < kVersion3Bytes || length > kQcow2HeadBytes) {
        throw_impossible(fmt::format("it is {} bytes long", length));
    }
    return length;
}

void check_other_files(Bytes head) {
    if (const std::uint64_t offset = word64(head, 8); offset != 0) {
        throw Error(Kind::Unsupported,
                    "the qcow2 image is only the difference to another file{} which was not looked "
                    "at; make it whole where that file is: qemu-img convert -O qcow2 IMAGE "
                    "WHOLE.qcow2",
                    named(head, offset, word32(head, 16)));
    }
}

void check_encryption(Bytes head) {
    const std::uint32_t method = word32(head, 32);
    if (method != 0) {
        const std::string_view word = method == 1 ? "AES" : method == 2 ? "LUKS" : "unknown";
        throw Error(Kind::Unsupported,
                    "the qcow2 image is encrypted ({}); decrypt it first: qemu-img convert "
                    "--object secret,id=key,file=PASSPHRASE-FILE --image-opts "
                    "driver=qcow2,encrypt.key-secret=key,file.filename=IMAGE -O qcow2 PLAIN.qcow2",
                    word);
    }
}

void check_features(Bytes head, std::size_t header_bytes, std::uint64_t bits) {
    const auto has = [bits](unsigned bit) { return (bits >> bit & 1) != 0; };
    for (unsigned bit = Unknown; bit < 64; ++bit) {
        if (has(bit)) {
            throw Error(Kind::Unsupported,
                        "the qcow2 image needs a feature that is not known here: incompatible bit "
                        "{}{} is set; convert it with the program that made it, or: qemu-img "
                        "convert -O qcow2 IMAGE NEW.qcow2",
                        bit, feature_name(head, header_bytes, bit));
        }
    }
    if (has(Corrupted)) {
        throw Error(Kind::Corrupt,
                    "the qcow2 image is marked as corrupt; look at it and mend it: qemu-img check "
                    "-r all IMAGE");
    }
    if (has(DataFile)) {
        const Bytes name = find_extension(head, header_bytes, kDataFileExtension).value_or(Bytes());
        throw Error(Kind::Unsupported,
                    "the qcow2 image keeps its data in another file{} which was not looked at; "
                    "make one of both: qemu-img convert -O qcow2 IMAGE WHOLE.qcow2",
                    named(name, 0, name.size()));
    }
}

bool is_zstd(Bytes head, std::size_t header_bytes, bool bit) {
    const bool present = header_bytes > kVersion3Bytes && head.size() > kVersion3Bytes;
    const unsigned type = present ? std::to_integer<unsigned>(head[kVersion3Bytes]) : 0;
    if (bit != (type != 0)) {
        throw_impossible("its bit for a compression type contradicts the type");
    }
    if (type > 1) {
        throw Error(Kind::Unsupported,
                    "the qcow2 image's clusters are compressed by method {}; zlib (0) and zstd (1) "
                    "are read. Convert it: qemu-img convert -O qcow2 IMAGE NEW.qcow2",
                    type);
    }
    return type == 1;
}

void read_size(Bytes head, Qcow2Header& header) {
    header.size_bytes = word64(head, 24);
    if (header.size_bytes > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
        throw_impossible("its disk has 8 EiB or more");
    }
    if (header.size_bytes % kSectorBytes != 0) {
        throw_impossible(
            fmt::format("its disk has {} bytes, which is no number of sectors", header.size_bytes));
    }
    header.l1_entries =
        header.size_bytes / header.l2_span() + (header.size_bytes % header.l2_span() == 0 ? 0 : 1);
    if (header.l1_entries > kMaxL1Bytes / 8) {
        throw Error(Kind::Limit,
                    "the qcow2 image states a disk of {}, which needs a table of {} where {} are "
                    "the limit",
                    format_size(header.size_bytes), format_size(header.l1_entries * 8),
                    format_size(kMaxL1Bytes));
    }
}

void read_tables(Bytes head, Qcow2Header& header) {
    const std::uint64_t stated = word32(head, 36);
    header.l1_offset = word64(head, 40);
    if (stated < header.l1_entries) {
        throw_impossible(fmt::format("its L1 table has {} entries, a disk of {} needs {}", stated,
                                     format_size(header.size_bytes), header.l1_entries));
    }
    if (header.l1_offset % header.cluster_bytes() != 0 || header.l1_offset >> 56 != 0 ||
        (header.l1_offset == 0 && header.l1_entries != 0)) {
        throw_impossible(fmt::format("its L1 table is at byte {}", header.l1_offset));
    }
    // Of the reference counts only the place is of interest, to pass over it.
    header.refcount_offset = word64(head, 48);
    header.refcount_clusters = word32(head, 56);
}

} // namespace

bool is_qcow2(Bytes head) noexcept {
    return as_text(head).starts_with(kMagic);
}

Qcow2Header parse_qcow2_header(Bytes head) {
    if (!is_qcow2(head) || head.size() < 8) {
        throw Error(Kind::Corrupt, "the qcow2 image is cut off in its header, at byte {}",
                    head.size());
    }
    const std::uint32_t version = word32(head, 4);
    const std::size_t header_bytes = check_version(head, version);
    check_other_files(head);
    check_encryption(head);
    const std::uint64_t features = version == 3 ? word64(head, 72) : 0;
    check_features(head, header_bytes, features);

    Qcow2Header header;
    header.dirty = (features >> Dirty & 1) != 0;
    header.extended_l2 = (features >> ExtendedL2 & 1) != 0;
    header.zero_flag = version == 3;
    header.zstd =
        version == 3 && is_zstd(head, header_bytes, (features >> CompressionType & 1) != 0);
    header.cluster_bits = word32(head, 20);
    const unsigned least = header.extended_l2 ? kMinExtendedBits : kMinClusterBits;
    if (header.cluster_bits < least || header.cluster_bits > kMaxClusterBits) {
        throw_impossible(fmt::format("its clusters have 2^{} bytes; from 2^{} to 2^{} are possible",
                                     header.cluster_bits, least, kMaxClusterBits));
    }
    read_size(head, header);
    read_tables(head, header);
    return header;
}

} // namespace slipway::disk
