// The image passes by; what tables have claimed of it is taken as soon as it is there. A claim on
// what has passed is answered from the window or the scratch file (disk/host_window.hh).

#include "disk/qcow2_reader.hh"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/error.hh"
#include "disk/big_endian.hh"
#include "disk/claims.hh"
#include "disk/cluster_codec.hh"
#include "disk/host_window.hh"
#include "disk/qcow2_header.hh"
#include "disk/qcow2_table.hh"

namespace slipway::disk {
namespace {

constexpr std::uint64_t kStepBytes = 1 * MiB; // of data that is written at once
constexpr std::uint64_t kSectorBytes = 512;
constexpr std::uint64_t kMaxRefcountBytes = 8 * MiB; // as QEMU
constexpr unsigned kSubclusters = 32;

// The first bytes of a stream, and what is left of the chunk that they end in.
struct Start {
    std::vector<std::byte> head;
    Bytes rest;
    bool ended = false;
};

Start read_start(stream::Source& in) {
    Start start;
    while (start.head.size() < kQcow2HeadBytes) {
        const Bytes chunk = in.next();
        if (chunk.empty()) {
            start.ended = true;
            break;
        }
        const std::size_t part = std::min(chunk.size(), kQcow2HeadBytes - start.head.size());
        start.head.insert(start.head.end(), chunk.begin(),
                          chunk.begin() + static_cast<std::ptrdiff_t>(part));
        start.rest = chunk.subspan(part);
    }
    return start;
}

class Reader {
public:
    Reader(const Qcow2Header& header, SparseWriter& out, int scratch, const Qcow2Hooks& hooks)
        : header_(header), out_(out), hooks_(hooks), claims_(hooks.claims),
          window_(header.cluster_bits, scratch), codec_(header.zstd),
          cluster_(header.cluster_bytes()) {
        claims_.add({.content = Content::L1Table,
                     .start = header.l1_offset,
                     .length = header.l1_entries * 8});
        claim_refcounts();
    }

    void feed(Bytes bytes) {
        while (!bytes.empty()) {
            const Bytes piece = bytes.first(std::min(bytes.size(), HostWindow::kPieceBytes));
            window_.append(piece);
            bytes = bytes.subspan(piece.size());
            while (take_next()) {
            }
        }
    }

    // The image has ended.
    void finish() {
        ended_ = true;
        while (take_next()) {
        }
        for (const Claim& table : put_off_) {
            take(table);
            while (take_next()) {
            }
        }
    }

private:
    void claim_refcounts();
    std::uint64_t available(const Claim& claim) const;
    bool take_next();
    void take(const Claim& part);
    void take_l1(const Claim& part);
    void take_l2(const Claim& table);
    void claim_cluster(Bytes table, std::uint64_t index, std::uint64_t disk);
    void take_refcounts(const Claim& part);
    void take_unused(const Claim& part);
    void take_data(const Claim& part);
    void take_packed(const Claim& part);
    void write(std::uint64_t disk, Bytes data);
    Bytes read(const Claim& part);
    std::uint64_t needed(const Claim& cluster) const;
    [[noreturn]] void throw_outside(const Claim& claim) const;

    const Qcow2Header header_;
    SparseWriter& out_;
    const Qcow2Hooks& hooks_;
    Claims claims_;
    HostWindow window_;
    ClusterCodec codec_;
    std::vector<std::byte> cluster_;
    std::vector<Claim> put_off_; // L2 tables, when too much is awaited already
    bool ended_ = false;
    bool told_of_scratch_ = false;
};

// Only to pass over them: where this is wrong, nothing is lost but room in the scratch file.
void Reader::claim_refcounts() {
    const std::uint64_t clusters = header_.refcount_clusters;
    if (header_.refcount_offset % header_.cluster_bytes() == 0 &&
        header_.refcount_offset >> 56 == 0 && header_.refcount_offset != 0 && clusters != 0 &&
        clusters <= kMaxRefcountBytes / header_.cluster_bytes() + 1) {
        claims_.add({.content = Content::RefcountTable,
                     .start = header_.refcount_offset,
                     .length = clusters * header_.cluster_bytes()});
    }
}

void Reader::throw_outside(const Claim& claim) const {
    throw Error(Kind::Corrupt,
                "the qcow2 image leads to byte {}, and its file ends at byte {}: it is cut off or "
                "damaged",
                claim.start + claim.length, window_.end());
}

// How much of a cluster of data the disk has: the last one may be cut off in both.
std::uint64_t Reader::needed(const Claim& cluster) const {
    unsigned used = kSubclusters;
    while (used > 0 && (cluster.subclusters >> (used - 1) & 1) == 0) {
        --used;
    }
    return std::min(header_.size_bytes - cluster.disk,
                    header_.cluster_bytes() / kSubclusters * used);
}

// How much of a claim can be taken now; 0: it has not come yet.
std::uint64_t Reader::available(const Claim& claim) const {
    const std::uint64_t cluster = header_.cluster_bytes();
    const std::uint64_t here = window_.end() > claim.start ? window_.end() - claim.start : 0;
    switch (claim.content) {
    case Content::Unused:
        return std::min(claim.length, ended_ ? claim.length : here / cluster * cluster);
    case Content::L1Table:
    case Content::RefcountTable: {
        const std::uint64_t part = std::min(claim.length, cluster);
        return here >= part || (ended_ && claim.content == Content::RefcountTable) ? part : 0;
    }
    case Content::L2Table:
        return here >= claim.length ? claim.length : 0;
    case Content::Packed:
        // The last sector may be shorter in the file.
        return here >= claim.length || (ended_ && here != 0 && here + kSectorBytes > claim.length)
                   ? claim.length
                   : 0;
    case Content::Data:
        break;
    }
    if (here >= cluster || here == 0) {
        return std::min({claim.length, here / cluster * cluster, std::max(kStepBytes, cluster)});
    }
    return ended_ && here >= needed(claim) ? cluster : 0;
}

// Takes of the first claim what is there; false when nothing more can be done now.
bool Reader::take_next() {
    if (claims_.empty()) {
        return false;
    }
    const std::uint64_t part = available(claims_.first());
    if (part == 0 && claims_.first().length != 0) {
        if (ended_) {
            throw_outside(claims_.first());
        }
        return false;
    }
    Claim claim = claims_.take_first();
    Claim rest = claim;
    claim.length = part;
    rest.start += part;
    rest.length -= part;
    rest.disk += claim.content == Content::L1Table ? part / 8 : part;
    if (rest.length != 0) {
        claims_.add(rest);
    }
    if (part != 0) {
        take(claim);
    }
    return true;
}

void Reader::take(const Claim& part) {
    switch (part.content) {
    case Content::L1Table:
        return take_l1(part);
    case Content::L2Table:
        return take_l2(part);
    case Content::RefcountTable:
        return take_refcounts(part);
    case Content::Unused:
        return take_unused(part);
    case Content::Data:
        return take_data(part);
    case Content::Packed:
        return take_packed(part);
    }
}

Bytes Reader::read(const Claim& part) {
    const std::uint64_t length = std::min(part.length, window_.end() - part.start);
    const Bytes bytes = window_.read(part.start, length);
    if (window_.used_scratch() && !told_of_scratch_) {
        told_of_scratch_ = true;
        hooks_.warn("the qcow2 image has data before the tables that lead to it: such data takes "
                    "the way through a hidden scratch file in the pool");
    }
    return bytes;
}

void Reader::take_l1(const Claim& part) {
    const Bytes table = read(part);
    window_.use(part.start, part.length);
    for (std::uint64_t i = 0; i < part.length / 8; ++i) {
        const std::uint64_t offset =
            read_l1_entry(big_endian<std::uint64_t>(table, i * 8), header_);
        if (offset == 0) {
            continue;
        }
        if (claims_.full()) {
            throw Error(Kind::Limit,
                        "the qcow2 image has more than {} tables; make it again with larger "
                        "clusters: qemu-img convert -O qcow2 IMAGE NEW.qcow2",
                        hooks_.claims);
        }
        claims_.add({.content = Content::L2Table,
                     .start = offset,
                     .length = header_.cluster_bytes(),
                     .disk = (part.disk + i) * header_.l2_span()});
    }
}

void Reader::take_l2(const Claim& table) {
    if (claims_.full() && !ended_) {
        put_off_.push_back(table);
        return;
    }
    const Bytes bytes = read(table);
    window_.use(table.start, table.length);
    std::uint64_t disk = table.disk;
    for (std::uint64_t i = 0; i < header_.l2_entries() && disk < header_.size_bytes; ++i) {
        claim_cluster(bytes, i, disk);
        disk += header_.cluster_bytes();
    }
}

void Reader::claim_cluster(Bytes table, std::uint64_t index, std::uint64_t disk) {
    const Cluster cluster = read_l2_entry(table, index, header_);
    Claim claim{.start = cluster.offset, .length = header_.cluster_bytes(), .disk = disk};
    switch (cluster.kind) {
    case ClusterKind::Hole:
        return;
    case ClusterKind::Reserved:
        claim.content = Content::Unused;
        break;
    case ClusterKind::Data:
        claim.content = Content::Data;
        claim.subclusters = cluster.subclusters;
        break;
    case ClusterKind::Packed:
        claim.content = Content::Packed;
        claim.length = cluster.length;
        break;
    }
    claims_.add(claim);
}

void Reader::take_refcounts(const Claim& part) {
    if (part.start + part.length > window_.end()) {
        return;
    }
    const Bytes table = read(part);
    for (std::uint64_t i = 0; i < part.length / 8; ++i) {
        const std::uint64_t offset = big_endian<std::uint64_t>(table, i * 8);
        if (offset != 0 && offset % header_.cluster_bytes() == 0 && !claims_.full()) {
            claims_.add(
                {.content = Content::Unused, .start = offset, .length = header_.cluster_bytes()});
        }
    }
    window_.ignore(part.start);
}

void Reader::take_unused(const Claim& part) {
    const std::uint64_t end = std::min(part.start + part.length, window_.end());
    for (std::uint64_t offset = part.start; offset < end; offset += header_.cluster_bytes()) {
        window_.ignore(offset);
    }
}

void Reader::take_data(const Claim& part) {
    const Bytes bytes = read(part);
    window_.use(part.start, part.length);
    if (part.subclusters == ~0U) {
        write(part.disk, bytes);
        return;
    }
    const std::uint64_t size = header_.cluster_bytes() / kSubclusters;
    for (unsigned first = 0; first < kSubclusters; ++first) {
        unsigned end = first;
        while (end < kSubclusters && (part.subclusters >> end & 1) != 0) {
            ++end;
        }
        if (end != first && first * size < bytes.size()) {
            const Bytes run = bytes.subspan(first * size);
            write(part.disk + first * size, run.first(std::min(run.size(), (end - first) * size)));
            first = end;
        }
    }
}

void Reader::take_packed(const Claim& part) {
    const Bytes packed = read(part);
    try {
        window_.use_part(part.start, codec_.unpack(packed, cluster_));
    } catch (Error& error) {
        error.add_context("the compressed cluster at byte {} of the qcow2 image, for byte {} of "
                          "the disk",
                          part.start, part.disk);
        throw;
    }
    write(part.disk, cluster_);
}

void Reader::write(std::uint64_t disk, Bytes data) {
    out_.write(disk, data.first(std::min<std::uint64_t>(data.size(), header_.size_bytes - disk)));
    hooks_.on_data();
}

} // namespace

std::uint64_t read_qcow2(stream::Source& in, SparseWriter& out, int scratch,
                         const Qcow2Hooks& hooks) {
    const Start start = read_start(in);
    const Qcow2Header header = parse_qcow2_header(start.head);
    hooks.on_size(header.size_bytes);
    out.announce(header.size_bytes);
    out.clear(header.size_bytes);
    if (header.dirty) {
        hooks.warn("the qcow2 image was not closed properly (its dirty bit is set); what its "
                   "tables say is taken as it is");
    }
    Reader reader(header, out, scratch, hooks);
    reader.feed(start.head);
    reader.feed(start.rest);
    for (Bytes chunk; !start.ended && !(chunk = in.next()).empty();) {
        reader.feed(chunk);
    }
    reader.finish();
    out.finish(header.size_bytes);
    return header.size_bytes;
}

} // namespace slipway::disk
