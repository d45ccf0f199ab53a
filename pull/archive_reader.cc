// libarchive 3.6's tar reader, with its filters off. What it leaves out or changes is taken from
// the raw header blocks (pull/raw_header.hh). Its return codes: ARCHIVE_WARN is an entry (every
// name that is not valid in the locale gives one), ARCHIVE_RETRY is a header with a wrong
// checksum, which it would skip.

#include "pull/archive_reader.hh"

#include <algorithm>
#include <array>
#include <clocale>
#include <cwchar>
#include <exception>
#include <limits>

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>
#include <langinfo.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "base/quoted.hh"
#include "pull/acl.hh"
#include "pull/header_feed.hh"
#include "pull/raw_header.hh"
#include "pull/what_is.hh"

namespace slipway::pull {
namespace {

using Archive = Handle<struct archive, archive_read_free>;

std::uint32_t id_from(std::int64_t number, std::string_view field) {
    // 2³²-1 means "leave it" to chown(2).
    if (number < 0 || number >= std::numeric_limits<std::uint32_t>::max()) {
        throw Error(Kind::Corrupt, "its {} {} is not one that a file can have", field, number);
    }
    return static_cast<std::uint32_t>(number);
}

// The kernel keeps 12 bits of major and 20 of minor number and cuts the rest off.
std::uint32_t device_from(dev_t number, std::uint32_t limit, std::string_view field) {
    if (number >= limit) {
        throw Error(Kind::Corrupt, "its {} device number {} is too large", field, number);
    }
    return static_cast<std::uint32_t>(number);
}

AclTag tag_from(int tag) {
    switch (tag) {
    case ARCHIVE_ENTRY_ACL_USER_OBJ:
        return AclTag::OwningUser;
    case ARCHIVE_ENTRY_ACL_USER:
        return AclTag::User;
    case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
        return AclTag::OwningGroup;
    case ARCHIVE_ENTRY_ACL_GROUP:
        return AclTag::Group;
    case ARCHIVE_ENTRY_ACL_MASK:
        return AclTag::Mask;
    case ARCHIVE_ENTRY_ACL_OTHER:
        return AclTag::Other;
    default:
        throw Error(Kind::Corrupt, "its access control list has an entry of unknown kind");
    }
}

std::string acl_from(archive_entry* from, int wanted) {
    std::vector<AclEntry> entries;
    archive_entry_acl_reset(from, wanted);
    int type = 0;
    int permissions = 0;
    int tag = 0;
    int id = 0;
    const char* name = nullptr;
    while (archive_entry_acl_next(from, wanted, &type, &permissions, &tag, &id, &name) ==
           ARCHIVE_OK) {
        AclEntry& entry = entries.emplace_back();
        entry.tag = tag_from(tag);
        entry.permissions = static_cast<std::uint16_t>(permissions & 7);
        const bool named = entry.tag == AclTag::User || entry.tag == AclTag::Group;
        if (named && id < 0) {
            throw Error(Kind::Unsupported,
                        "its access control list names {} without a number, and names are other "
                        "people's here; pack the tree again with tar --numeric-owner",
                        quoted(name == nullptr ? "" : name));
        }
        entry.id = named ? static_cast<std::uint32_t>(id) : 0;
    }
    return encode_acl(std::move(entries));
}

void add_attribute(std::vector<Attribute>& to, std::string_view name, std::string_view value) {
    const auto same = std::find_if(to.begin(), to.end(),
                                   [name](const Attribute& had) { return had.name == name; });
    if (same == to.end()) {
        to.push_back({std::string(name), std::string(value)});
    } else if (same->value != value) {
        throw Error(Kind::Corrupt, "it has two different values of the attribute {}", quoted(name));
    }
}

// bsdtar writes each attribute twice, under two keys; GNU tar may write an ACL as an attribute and
// as text. The attribute is exact, the text is taken where there is nothing else.
void read_attributes(archive_entry* from, std::vector<Attribute>& to) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(from);
    while (archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
        add_attribute(to, name, {static_cast<const char*>(value), size});
    }
    const int types = archive_entry_acl_types(from);
    for (const auto& [type, attribute] : {std::pair(ARCHIVE_ENTRY_ACL_TYPE_ACCESS, kAccessAcl),
                                          std::pair(ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, kDefaultAcl)}) {
        const bool had = std::any_of(to.begin(), to.end(), [attribute = attribute](const auto& a) {
            return a.name == attribute;
        });
        if ((types & type) != 0 && !had) {
            to.push_back({std::string(attribute), acl_from(from, type)});
        }
    }
    if ((types & ARCHIVE_ENTRY_ACL_TYPE_NFS4) != 0) {
        to.push_back({"system.nfs4_acl", ""}); // which no file system of ours takes
    }
}

// What libarchive makes something of by its kind, and not a regular file for want of better.
constexpr std::string_view kKnownTypes("\0"
                                       "01234567DS",
                                       11);

EntryType type_from(archive_entry* from, const RawHeader& raw, std::string_view name) {
    if (kKnownTypes.find(raw.type) == std::string_view::npos) {
        throw Error(Kind::Unsupported, "it is of type {}, which is not supported",
                    quoted({&raw.type, 1}));
    }
    if (archive_entry_hardlink(from) != nullptr) {
        return EntryType::HardLink;
    }
    // As star and old tar programs write them, which keep the type bits of the mode.
    const bool plain = raw.type == '0' || raw.type == '\0';
    if (plain && ((raw.mode & S_IFMT) == S_IFSOCK || raw.find("SCHILY.filetype") == "socket")) {
        return EntryType::Socket;
    }
    switch (archive_entry_filetype(from)) {
    case AE_IFDIR:
        return EntryType::Directory;
    case AE_IFLNK:
        return EntryType::Symlink;
    case AE_IFCHR:
        return EntryType::CharDevice;
    case AE_IFBLK:
        return EntryType::BlockDevice;
    case AE_IFIFO:
        return EntryType::Fifo;
    default:
        return plain && name.ends_with('/') ? EntryType::Directory : EntryType::File;
    }
}

void read_times(archive_entry* from, const RawHeader& raw, Metadata& to) {
    if (const auto text = raw.find("mtime")) {
        to.mtime = parse_pax_time(*text);
    } else if (archive_entry_mtime_is_set(from) != 0) {
        to.mtime = timespec{archive_entry_mtime(from), archive_entry_mtime_nsec(from)};
    }
    if (const auto text = raw.find("atime")) {
        to.atime = parse_pax_time(*text);
    } else if (archive_entry_atime_is_set(from) != 0) {
        to.atime = timespec{archive_entry_atime(from), archive_entry_atime_nsec(from)};
    }
}

std::string text_or(std::optional<std::string_view> raw, const char* other) {
    return raw ? std::string(*raw) : std::string(other == nullptr ? "" : other);
}

void read_entry(archive_entry* from, const RawHeader& raw, Entry& to) {
    to.type = type_from(from, raw, to.name);
    if (to.type == EntryType::Symlink) {
        to.target = text_or(raw.target(), archive_entry_symlink(from));
    } else if (to.type == EntryType::HardLink) {
        to.target = text_or(raw.target(), archive_entry_hardlink(from));
    }
    to.metadata.mode = archive_entry_perm(from) & 07777;
    to.metadata.uid = id_from(archive_entry_uid(from), "user id");
    to.metadata.gid = id_from(archive_entry_gid(from), "group id");
    read_times(from, raw, to.metadata);
    read_attributes(from, to.metadata.attributes);
    if (to.type == EntryType::File) {
        to.size_bytes = static_cast<std::uint64_t>(archive_entry_size(from));
        to.sparse = archive_entry_sparse_count(from) > 0;
    }
    if (to.type == EntryType::CharDevice || to.type == EntryType::BlockDevice) {
        to.device_major = device_from(archive_entry_rdevmajor(from), 1U << 12, "major");
        to.device_minor = device_from(archive_entry_rdevminor(from), 1U << 20, "minor");
    }
    to.file_flags = archive_entry_fflags_text(from) != nullptr;
}

// How many bytes of contents the archive has to hold for a file.
std::uint64_t data_size(archive_entry* from, const Entry& entry) {
    if (!entry.sparse) {
        return entry.size_bytes;
    }
    std::uint64_t sum = 0;
    la_int64_t offset = 0;
    la_int64_t length = 0;
    archive_entry_sparse_reset(from);
    while (archive_entry_sparse_next(from, &offset, &length) == ARCHIVE_OK) {
        sum += static_cast<std::uint64_t>(length);
    }
    return sum;
}

} // namespace

struct ArchiveReader::State {
    explicit State(stream::Source& in) : feed(in) {}

    HeaderFeed feed;
    std::exception_ptr failure; // of the source, on its way through the library
    Archive archive{archive_read_new()};
    archive_entry* found = nullptr;
    std::string last_name;
    std::uint64_t entries = 0;
    std::uint64_t header_start = 0;
    bool end_marked = false;
    // The contents of the current entry.
    bool in_contents = false;
    std::uint64_t size = 0;
    std::uint64_t reached = 0;
    std::uint64_t missing = 0;

    static la_ssize_t read(struct archive*, void* self, const void** buffer) {
        auto* state = static_cast<State*>(self);
        try {
            const Bytes chunk = state->feed.next(state->position());
            *buffer = chunk.data();
            return static_cast<la_ssize_t>(chunk.size());
        } catch (...) {
            state->failure = std::current_exception();
            return ARCHIVE_FATAL;
        }
    }

    std::uint64_t position() const {
        return static_cast<std::uint64_t>(archive_filter_bytes(archive.get(), 0));
    }

    std::string_view library_text() const {
        const char* text = archive_error_string(archive.get());
        return text == nullptr ? std::string_view() : text;
    }

    [[noreturn]] void throw_not_a_tar();
    [[noreturn]] void throw_damaged();
    void check(int result);
    void fill(int result, Bytes blocks, Entry& entry);
    std::optional<Piece> read_piece();
};

void ArchiveReader::State::throw_not_a_tar() {
    while (feed.head().size() < HeaderFeed::kHeadBytes && !feed.next(feed.read_bytes()).empty()) {
    }
    const Bytes head = feed.head();
    if (head.empty()) {
        throw Error(Kind::Corrupt, "the input is empty; expected a tar archive");
    }
    if (const auto signature = what_is(head)) {
        throw Error(signature->family == Family::Page ? Kind::Corrupt : Kind::Unsupported,
                    "the input is {}, not a tar archive; {}", signature->what, signature->advice);
    }
    throw Error(Kind::Corrupt, "the input is not a tar archive: it starts with {}",
                quoted(as_text(head.first(std::min<std::size_t>(head.size(), 16)))));
}

void ArchiveReader::State::throw_damaged() {
    // Within its contents the caller names the entry.
    const std::string where = in_contents    ? ""
                              : entries == 0 ? ", in its first entry"
                                             : ", behind the entry " + quoted(last_name);
    const std::string_view remark = library_text();
    if (feed.ended() && (remark.empty() || remark.find("runcated") != std::string_view::npos)) {
        throw Error(Kind::Corrupt, "the tar archive is cut off: it ends at byte {}{}",
                    feed.read_bytes(), where);
    }
    throw Error(Kind::Corrupt, "the tar archive is damaged at byte {}{}: {}", position(), where,
                remark.empty() ? "malformed header" : escaped(remark));
}

void ArchiveReader::State::check(int result) {
    if (failure) {
        std::rethrow_exception(std::exchange(failure, nullptr));
    }
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN || result == ARCHIVE_EOF) {
        return;
    }
    if (archive_format(archive.get()) == 0) {
        throw_not_a_tar();
    }
    throw_damaged();
}

void ArchiveReader::State::fill(int result, Bytes blocks, Entry& entry) {
    const char* name = archive_entry_pathname(found);
    entry = Entry();
    entry.name = name == nullptr ? "" : name;
    try {
        const RawHeader raw = parse_raw_header(blocks);
        entry.name = text_or(raw.name(), name);
        // Names are taken from the raw header, whatever the locale; every other remark of the
        // library, even where it returns ARCHIVE_OK, is about something that would be lost.
        const std::string_view remark = library_text();
        if (!remark.empty() && remark.find("can't be converted") == std::string_view::npos) {
            throw Error(Kind::Corrupt, "its header is malformed: {}", escaped(remark));
        }
        if (result == ARCHIVE_WARN && remark.empty()) {
            throw Error(Kind::Corrupt, "its header is malformed");
        }
        read_entry(found, raw, entry);
    } catch (Error& error) {
        error.add_context("{}", quoted(entry.name));
        throw;
    }
    in_contents = true;
    size = entry.size_bytes;
    reached = 0;
    missing = entry.type == EntryType::File ? data_size(found, entry) : 0;
}

std::optional<ArchiveReader::Piece> ArchiveReader::State::read_piece() {
    const void* data = nullptr;
    std::size_t length = 0;
    la_int64_t offset = 0;
    do {
        const int result = archive_read_data_block(archive.get(), &data, &length, &offset);
        check(result);
        if (result == ARCHIVE_WARN) {
            throw_damaged();
        }
        if (result == ARCHIVE_EOF) {
            in_contents = false;
            return std::nullopt;
        }
    } while (length == 0);
    return Piece{static_cast<std::uint64_t>(offset),
                 Bytes(static_cast<const std::byte*>(data), length)};
}

std::string archive_engine() {
    const std::string number = std::to_string(archive_version_number());
    const auto part = [&number](std::size_t from) {
        return std::to_string(std::stoi(number.substr(number.size() - from, 3)));
    };
    return "libarchive " + number.substr(0, number.size() - 6) + "." + part(6) + "." + part(3);
}

void ArchiveReader::prepare() {
    std::mbstate_t state{};
    wchar_t wide = 0;
    static_cast<void>(std::mbrtowc(&wide, "\xc3\xa9", 2, &state));
    const iconv_t converter = iconv_open(nl_langinfo(CODESET), "UTF-8");
    if (converter != iconv_t(-1)) { // NOLINT(performance-no-int-to-ptr): iconv_open(3)
        iconv_close(converter);
    }
}

ArchiveReader::ArchiveReader(stream::Source& in) : state_(std::make_unique<State>(in)) {
    struct archive* const archive = state_->archive.get();
    if (archive == nullptr) {
        throw std::bad_alloc();
    }
    if (archive_read_support_format_tar(archive) != ARCHIVE_OK) {
        throw Error(Kind::Internal, "libarchive cannot read tar archives");
    }
    state_->check(
        archive_read_open2(archive, state_.get(), nullptr, State::read, nullptr, nullptr));
}

ArchiveReader::~ArchiveReader() = default;

bool ArchiveReader::next(Entry& entry) {
    State& state = *state_;
    while (state.in_contents) {
        static_cast<void>(state.read_piece());
    }
    state.header_start = state.position();
    state.feed.begin_header(state.header_start);
    const int result = archive_read_next_header(state.archive.get(), &state.found);
    state.check(result);
    const Bytes blocks = state.feed.between(state.header_start, state.position());
    state.feed.end_header();
    if (result == ARCHIVE_EOF) {
        state.end_marked = !blocks.empty();
        return false;
    }
    state.fill(result, blocks, entry);
    ++state.entries;
    state.last_name = entry.name;
    return true;
}

std::optional<ArchiveReader::Piece> ArchiveReader::next_piece() {
    State& state = *state_;
    if (!state.in_contents) {
        return std::nullopt;
    }
    const std::optional<Piece> piece = state.read_piece();
    if (!piece) {
        if (state.missing != 0) {
            throw Error(Kind::Corrupt, "its contents lack {} bytes of what its map of holes states",
                        state.missing);
        }
        return std::nullopt;
    }
    const std::uint64_t length = piece->data.size();
    if (piece->offset < state.reached || length > state.missing || length > state.size ||
        piece->offset > state.size - length) {
        throw Error(Kind::Corrupt,
                    "its map of holes is wrong: a piece at byte {} of {}, behind one that ends at "
                    "{}",
                    piece->offset, state.size, state.reached);
    }
    state.reached = piece->offset + length;
    state.missing -= length;
    return piece;
}

ArchiveReader::Trailer ArchiveReader::drain() {
    State& state = *state_;
    Trailer trailer{.end_marked = state.end_marked};
    std::uint64_t offset = state.position();
    Bytes rest = state.feed.between(offset, state.feed.read_bytes());
    do {
        const auto found = std::find_if(rest.begin(), rest.end(),
                                        [](std::byte byte) { return byte != std::byte{0}; });
        if (trailer.garbage_bytes == 0 && found != rest.end()) {
            const auto zeros = static_cast<std::size_t>(found - rest.begin());
            trailer.garbage_offset = offset + zeros;
            trailer.garbage_bytes = rest.size() - zeros;
            trailer.another_archive = is_tar_header(rest.subspan(zeros));
        } else if (trailer.garbage_bytes != 0) {
            trailer.garbage_bytes += rest.size();
        }
        offset += rest.size();
        rest = state.feed.next(offset);
    } while (!rest.empty());
    return trailer;
}

Bytes ArchiveReader::head() const noexcept {
    return state_->feed.head();
}

} // namespace slipway::pull
