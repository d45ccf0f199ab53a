// libarchive 3.6's tar reader, with its filters off. What it leaves out or changes is taken from
// the raw header blocks (pull/raw_header.hh). Its return codes: ARCHIVE_WARN is an entry (every
// name that is not valid in the locale gives one), ARCHIVE_RETRY is a header with a wrong
// checksum, which it would skip.

#include "pull/archive_reader.hh"

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <exception>

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>
#include <langinfo.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "base/quoted.hh"
#include "pull/archive_entry.hh"
#include "pull/header_feed.hh"
#include "pull/raw_header.hh"
#include "pull/what_is.hh"

namespace slipway::pull {
namespace {

using Archive = Handle<struct archive, archive_read_free>;

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
        if (const auto whole = raw.name()) {
            entry.name = *whole;
        }
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
    missing = entry.type == EntryType::File ? data_bytes(found, entry) : 0;
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
