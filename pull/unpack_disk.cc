// Three ways in, told apart by the first bytes: qcow2, an archive around one of the others, raw.

#include "pull/unpack_disk.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "disk/qcow2_header.hh"
#include "disk/qcow2_reader.hh"
#include "disk/sparse_writer.hh"
#include "pull/disk_archive.hh"
#include "pull/disk_meter.hh"
#include "pull/disk_pieces.hh"
#include "pull/what_is.hh"

namespace slipway::pull {
namespace {

void refuse_other(Bytes head) {
    const auto signature = what_is(head);
    if (!signature || !signature->certain ||
        (signature->family == Family::Disk && !signature->foreign)) {
        return;
    }
    if (signature->family == Family::Archive) {
        throw Error(Kind::Unsupported,
                    "the input is {}, not a disk image; unpack it and import the disk in it",
                    signature->what);
    }
    const bool page = signature->family == Family::Page;
    throw Error(page ? Kind::Corrupt : Kind::Unsupported, "the input is {}, {}; {}",
                signature->what, signature->foreign ? "which is not read here" : "not a disk image",
                signature->advice);
}

class DiskUnpacking {
public:
    DiskUnpacking(const DiskJob& job, Counters& counters,
                  const std::function<std::uint64_t()>& packed_bytes,
                  const std::function<void(std::string_view)>& warn)
        : job_(job), counters_(counters), warn_(warn), meter_(job.budget, packed_bytes),
          out_(job.target) {}

    UnpackedDisk run(stream::Source& in) {
        DiskPieces pieces(pieces_of(in));
        return is_tar_header(pieces.head()) ? unpack_archive(pieces) : unpack(pieces);
    }

private:
    UnpackedDisk unpack_archive(DiskPieces& pieces);
    UnpackedDisk unpack(DiskPieces& pieces, std::optional<std::uint64_t> size_bytes = {});
    std::uint64_t write_raw(DiskPieces& pieces, std::optional<std::uint64_t> size_bytes);
    std::uint64_t write_qcow2(DiskPieces& pieces, std::optional<std::uint64_t> size_bytes);
    void announce(std::uint64_t size_bytes) const;
    void count(std::uint64_t done_bytes);

    const DiskJob& job_;
    Counters& counters_;
    const std::function<void(std::string_view)>& warn_;
    DiskMeter meter_;
    disk::SparseWriter out_;
};

UnpackedDisk DiskUnpacking::unpack_archive(DiskPieces& pieces) {
    PieceSource in(pieces);
    DiskArchive archive(in);
    const Entry& entry = archive.find();
    UnpackedDisk disk;
    try {
        DiskPieces contents([&archive] { return archive.reader().next_piece(); });
        disk = unpack(contents, entry.size_bytes);
    } catch (Error& error) {
        error.add_context("{} in the archive", quoted(entry.name));
        throw;
    }
    disk.member = entry.name;
    const ArchiveReader::Trailer trailer = archive.check_alone();
    if (!trailer.end_marked) {
        warn_("the archive has no end mark; if it was cut off behind the disk, nobody can tell");
    }
    if (trailer.garbage_bytes != 0) {
        warn_(fmt::format("left out: {} bytes behind the archive's end mark, from byte {} on",
                          trailer.garbage_bytes, trailer.garbage_offset));
    }
    return disk;
}

// `size_bytes`: of a file in an archive, which may end in a hole.
UnpackedDisk DiskUnpacking::unpack(DiskPieces& pieces, std::optional<std::uint64_t> size_bytes) {
    if (pieces.empty() && size_bytes.value_or(0) == 0) {
        throw Error(Kind::Corrupt, "the input is empty; expected a disk image");
    }
    UnpackedDisk disk;
    if (disk::is_qcow2(pieces.head())) {
        disk.format = "qcow2";
        disk.size_bytes = write_qcow2(pieces, size_bytes);
    } else {
        refuse_other(pieces.head());
        disk.format = "raw";
        disk.size_bytes = write_raw(pieces, size_bytes);
    }
    disk.data_bytes = out_.data_bytes();
    return disk;
}

void DiskUnpacking::announce(std::uint64_t size_bytes) const {
    meter_.check_size(size_bytes);
    if (job_.on_size) {
        job_.on_size(size_bytes);
    }
}

void DiskUnpacking::count(std::uint64_t done_bytes) {
    counters_.unpacked_bytes.store(done_bytes, std::memory_order_relaxed);
    meter_.check_data(out_.data_bytes());
    if (job_.stop.stop_requested()) {
        throw Canceled();
    }
}

std::uint64_t DiskUnpacking::write_raw(DiskPieces& pieces,
                                       std::optional<std::uint64_t> size_bytes) {
    if (size_bytes) {
        announce(*size_bytes);
        out_.announce(*size_bytes);
        out_.clear(*size_bytes); // its holes are not told of
    }
    std::uint64_t end = 0;
    while (const auto piece = pieces.next()) {
        end = piece->offset + piece->data.size();
        meter_.check_size(end);
        out_.write(piece->offset, piece->data);
        count(end);
    }
    out_.finish(size_bytes.value_or(end));
    return size_bytes.value_or(end);
}

std::uint64_t DiskUnpacking::write_qcow2(DiskPieces& pieces,
                                         std::optional<std::uint64_t> size_bytes) {
    PieceSource image(pieces, size_bytes.value_or(0));
    const disk::Qcow2Hooks hooks{
        .on_size = [this](std::uint64_t size) { announce(size); },
        .on_data = [this] { count(out_.data_bytes()); },
        .warn = warn_,
    };
    return disk::read_qcow2(image, out_, job_.scratch, hooks);
}

} // namespace

UnpackedDisk unpack_disk(stream::Source& in, const DiskJob& job, Counters& counters,
                         const std::function<std::uint64_t()>& packed_bytes,
                         const std::function<void(std::string_view)>& warn) {
    return DiskUnpacking(job, counters, packed_bytes, warn).run(in);
}

UnpackedDisk copy_file(stream::Source& in, int target, std::uint64_t limit_bytes,
                       Counters& counters) {
    disk::SparseWriter out(target);
    std::uint64_t size_bytes = 0;
    for (Bytes chunk; !(chunk = in.next()).empty();) {
        out.write(size_bytes, chunk);
        size_bytes += chunk.size();
        if (limit_bytes != 0 && size_bytes > limit_bytes) {
            throw Error(Kind::Limit, "more than {} came, which is the limit for this file",
                        format_size(limit_bytes));
        }
        counters.unpacked_bytes.store(size_bytes, std::memory_order_relaxed);
    }
    out.finish(size_bytes);
    return {.size_bytes = size_bytes, .data_bytes = out.data_bytes()};
}

UnpackedDisk read_to_end(stream::Source& in, Counters& counters) {
    UnpackedDisk disk;
    for (Bytes chunk; !(chunk = in.next()).empty();) {
        disk.size_bytes += chunk.size();
        counters.unpacked_bytes.store(disk.size_bytes, std::memory_order_relaxed);
    }
    return disk;
}

} // namespace slipway::pull
