// The door to libarchive, over archives in memory.

#include <clocale>

#include "base/error.hh"
#include "pull/archive_reader.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/pull/tar_maker.hh"

using namespace slipway;
using namespace slipway::pull;
using namespace slipway::tests;

namespace {

struct Reading {
    std::string entries; ///< "a:700 d/ d/b:1", sizes as they were read
    std::string error;
    Kind kind = Kind::Other;
    ArchiveReader::Trailer trailer;
};

Reading read_archive(std::string_view tar, std::size_t piece = ~std::size_t{0}) {
    Reading reading;
    try {
        stream::MemorySource source(as_bytes(tar), piece);
        ArchiveReader reader(source);
        Entry entry;
        while (reader.next(entry)) {
            std::uint64_t size = 0;
            while (const auto part = reader.next_piece()) {
                size += part->data.size();
            }
            reading.entries += (reading.entries.empty() ? "" : " ") + entry.name;
            if (entry.type == EntryType::File) {
                reading.entries += ":" + std::to_string(size);
            }
        }
        reading.trailer = reader.drain();
    } catch (const Error& error) {
        reading.error = error.what();
        reading.kind = error.kind();
    }
    return reading;
}

// A source that fails behind its first bytes.
class FailingSource final : public stream::Source {
public:
    explicit FailingSource(std::string_view text) : text_(text) {}
    Bytes next() override {
        if (text_.empty()) {
            throw Error(Kind::Network, "the line is cut");
        }
        return as_bytes(std::exchange(text_, {}));
    }

private:
    std::string_view text_;
};

} // namespace

TEST_CASE("A1: cut at any byte an archive is refused, unless it is cut between two entries",
          "[pull][hostile]") {
    const std::string tar = tar_file("a", std::string(700, 'a')) + tar_directory("d/") +
                            tar_file("d/b", "b") + tar_end();
    CHECK(read_archive(tar).entries == "a:700 d/ d/b:1");
    for (std::size_t size = 1; size < tar.size(); ++size) {
        const Reading reading = read_archive(std::string_view(tar).substr(0, size));
        const bool between = size == 1536 || size == 2048 || size == 3072;
        const bool marked = size >= 3072 + 512;
        INFO("cut at " << size << ": " << reading.error);
        REQUIRE((reading.error == "") == (between || marked));
        if (between || marked) {
            REQUIRE(reading.trailer.end_marked == marked);
        } else {
            REQUIRE(reading.kind == Kind::Corrupt);
        }
    }
}

TEST_CASE("however an archive is cut into pieces, it reads the same", "[pull]") {
    const std::string tar = tar_file("a", std::string(70'000, 'a')) + tar_directory("d/") +
                            tar_file("d/b", std::string(512, 'b')) + tar_file("empty", "") +
                            tar_end() + std::string(9000, '\0') + "garbage";
    const Reading whole = read_archive(tar);
    CHECK(whole.entries == "a:70000 d/ d/b:512 empty:0");
    for (const std::size_t piece : {1U, 2U, 3U, 511U, 512U, 513U, 1000U, 4096U, 65'537U}) {
        INFO(piece << " bytes at a time");
        const Reading reading = read_archive(tar, piece);
        CHECK(reading.error == "");
        CHECK(reading.entries == whole.entries);
        CHECK(reading.trailer.end_marked);
        CHECK(reading.trailer.garbage_bytes == 7);
        CHECK(reading.trailer.garbage_offset == tar.size() - 7);
    }
}

TEST_CASE("contents that nobody asks for are passed over", "[pull]") {
    const std::string tar =
        tar_file("a", std::string(70'000, 'a')) + tar_file("b", "b") + tar_end();
    stream::MemorySource source(as_bytes(tar), 1000);
    ArchiveReader reader(source);
    Entry entry;
    REQUIRE(reader.next(entry));
    REQUIRE(reader.next(entry));
    CHECK(entry.name == "b");
    const auto piece = reader.next_piece();
    REQUIRE(piece);
    CHECK(as_text(piece->data) == "b");
    CHECK_FALSE(reader.next_piece());
    CHECK_FALSE(reader.next_piece());
    CHECK_FALSE(reader.next(entry));
}

TEST_CASE("what the source throws comes out of the library as it was", "[pull]") {
    const std::string tar = tar_file("a", std::string(700, 'a')) + tar_end();
    for (const std::size_t size : {std::size_t{1}, std::size_t{512}, std::size_t{900}}) {
        INFO("behind " << size << " bytes");
        FailingSource source(std::string_view(tar).substr(0, size));
        const auto read = [&source] {
            ArchiveReader reader(source);
            Entry entry;
            while (reader.next(entry)) {
            }
        };
        CHECK_THROWS_MATCHES(read(), Error, Catch::Matchers::Message("the line is cut"));
    }
}

TEST_CASE("contents are handed on from the chunk they came in, without a copy", "[pull]") {
    const std::string tar = tar_file("a", std::string(70'000, 'a')) + tar_end();
    stream::MemorySource source(as_bytes(tar));
    ArchiveReader reader(source);
    Entry entry;
    REQUIRE(reader.next(entry));
    const auto piece = reader.next_piece();
    REQUIRE(piece);
    CHECK(piece->data.data() == as_bytes(tar).data() + 512);
    CHECK(piece->data.size() == 70'000);
}

TEST_CASE("the engine says its version", "[pull]") {
    CHECK_THAT(archive_engine(), Catch::Matchers::Matches("libarchive [0-9]+\\.[0-9]+\\.[0-9]+"));
}
