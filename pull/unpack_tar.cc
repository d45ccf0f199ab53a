// The sentence of this room: read, judge the name, write, and when all is there look at the whole.

#include "pull/unpack_tar.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "pull/archive_reader.hh"
#include "pull/budget.hh"
#include "pull/lone_disk.hh"
#include "pull/tree_shape.hh"
#include "pull/tree_writer.hh"
#include "pull/what_is.hh"

namespace slipway::pull {
namespace {

InodeWriter make_inode_writer(int root, const TarOptions& options) {
    return InodeWriter(root,
                       options.privileged_xattrs ? InodeWriter::Privileged::Keep
                                                 : InodeWriter::Privileged::LeaveOut,
                       options.skip_unsupported_xattrs ? InodeWriter::Unsupported::LeaveOut
                                                       : InodeWriter::Unsupported::Refuse);
}

// "1 socket", "2 sockets".
std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

class Unpacking {
public:
    Unpacking(stream::Source& in, int root, const TarOptions& options, const Budget& budget,
              Counters& counters)
        : root_(root), budget_(with_defaults(budget)), counters_(counters), reader_(in),
          meter_(budget_), inodes_(make_inode_writer(root, options)),
          directories_(root, inodes_, {budget_.depth, budget_.memory_bytes}),
          writer_(inodes_, directories_) {}

    Unpacked run(const std::function<void(std::string_view)>& warn) {
        Entry entry;
        while (reader_.next(entry)) {
            meter_.add_entry();
            unpack(entry);
            counters_.entries.store(meter_.entries(), std::memory_order_relaxed);
        }
        const ArchiveReader::Trailer trailer = reader_.drain();
        check_whole();
        Unpacked result;
        Hoisted hoisted = hoist(root_, directories_);
        directories_.finish();
        result.entries = meter_.entries();
        result.unpacked_bytes = meter_.size_bytes();
        result.hoisted = std::move(hoisted.top);
        result.left_out = hoisted.left_out;
        result.sockets = sockets_;
        result.privileged_xattrs = inodes_.left_out().privileged_attributes;
        result.unsupported_xattrs = inodes_.left_out().unsupported_attributes;
        warn_of(result, trailer, warn);
        return result;
    }

private:
    void unpack(const Entry& entry);
    void unpack_file(const EntryName& name, const Entry& entry);
    void check_whole();
    void warn_of(const Unpacked& result, const ArchiveReader::Trailer& trailer,
                 const std::function<void(std::string_view)>& warn) const;

    int root_;
    Budget budget_;
    Counters& counters_;
    ArchiveReader reader_;
    BudgetMeter meter_;
    InodeWriter inodes_;
    DirectoryTree directories_;
    TreeWriter writer_;
    LoneDisk lone_disk_;
    std::uint64_t sockets_ = 0;
    std::uint64_t flagged_ = 0;
};

void Unpacking::unpack(const Entry& entry) {
    try {
        const EntryName name = EntryName::parse(entry.name, budget_.depth);
        flagged_ += entry.file_flags ? 1 : 0;
        if (entry.type == EntryType::File) {
            unpack_file(name, entry);
        } else if (entry.type == EntryType::Socket) {
            ++sockets_;
        } else {
            writer_.add(name, entry, budget_.depth);
        }
    } catch (Error& error) {
        error.add_context("{}", quoted(entry.name));
        throw;
    }
}

void Unpacking::unpack_file(const EntryName& name, const Entry& entry) {
    if (!entry.sparse) {
        meter_.announce(entry.size_bytes);
    }
    FileWriter file = writer_.create(name, entry);
    lone_disk_.begin(name);
    while (const auto piece = reader_.next_piece()) {
        meter_.add_bytes(piece->data.size());
        lone_disk_.add(piece->offset, piece->data);
        file.write(piece->offset, piece->data);
        counters_.unpacked_bytes.store(meter_.size_bytes(), std::memory_order_relaxed);
    }
    lone_disk_.end();
    file.finish();
}

void Unpacking::check_whole() {
    if (meter_.entries() == 0) {
        if (const auto signature = what_is(reader_.head())) {
            throw Error(Kind::Unsupported, "the input is {}, not a tar archive; {}",
                        signature->what, signature->advice);
        }
        throw Error(Kind::Corrupt, "the archive holds no entry at all");
    }
    lone_disk_.check(writer_.others());
    if (const auto layered = find_layered_image(root_)) {
        throw Error(Kind::Unsupported, "{}", *layered);
    }
}

// What of the archive is not in the tree, one line a kind.
void Unpacking::warn_of(const Unpacked& result, const ArchiveReader::Trailer& trailer,
                        const std::function<void(std::string_view)>& warn) const {
    if (!trailer.end_marked) {
        warn("the archive has no end mark; if it was cut off between two entries, nobody can tell");
    }
    if (trailer.garbage_bytes != 0) {
        warn(fmt::format("left out: {} behind the archive's end mark, from byte {} on{}",
                         counted(trailer.garbage_bytes, "byte"), trailer.garbage_offset,
                         trailer.another_archive ? "; they start like another archive" : ""));
    }
    if (result.left_out != 0) {
        warn(fmt::format("left out: {} beside the top directory {}",
                         counted(result.left_out, "plain file"), quoted(result.hoisted)));
    }
    if (sockets_ != 0) {
        warn("left out: " + counted(sockets_, "socket"));
    }
    if (result.privileged_xattrs != 0) {
        warn(fmt::format("left out: {} of trusted.* and security.*; keep such with "
                         "--privileged-xattrs",
                         counted(result.privileged_xattrs, "attribute")));
    }
    if (result.unsupported_xattrs != 0) {
        warn(fmt::format("left out: {} that this file system cannot hold",
                         counted(result.unsupported_xattrs, "attribute")));
    }
    if (flagged_ != 0) {
        warn(fmt::format("left out: the flags (as of chattr) of {}", counted(flagged_, "file")));
    }
}

} // namespace

Unpacked unpack_tar(stream::Source& in, int root, const TarOptions& options, const Budget& budget,
                    Counters& counters, const std::function<std::uint64_t()>& packed_bytes,
                    const std::function<void(std::string_view)>& warn) {
    RatioSource metered(in, with_defaults(budget).ratio, packed_bytes);
    return Unpacking(metered, root, options, budget, counters).run(warn);
}

} // namespace slipway::pull
