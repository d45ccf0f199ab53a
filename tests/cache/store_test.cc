// Entries: made in one step, found, read by several, removed by nobody meanwhile.

#include <algorithm>
#include <filesystem>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "cache/bounds.hh"
#include "cache/making.hh"
#include "cache/prune.hh"
#include "cache/store.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::cache;
using namespace std::chrono_literals;
using slipway::tests::read_file;
using slipway::tests::TempDir;
using slipway::tests::write_file;
namespace fs = std::filesystem;

namespace {

const auto kNow = std::chrono::system_clock::now();

std::string digest(char digit) {
    return std::string(64, digit);
}

stream::Digests sha256(char digit) {
    return {{stream::Algorithm::Sha256, digest(digit)}};
}

Publication from(const std::string& address, std::int64_t kept_at = 1000) {
    Publication one;
    one.address = address;
    one.url = address;
    one.kept_at = kept_at;
    one.verdict = "verified";
    return one;
}

void keep(const Store& store, char digit, const std::string& address, std::size_t size = 100,
          std::int64_t kept_at = 1000) {
    Making making(store, std::string(16, digit));
    const Fd content = making.make_content();
    write_all(content.get(), std::string(size, digit));
    Publication place = from(address, kept_at);
    place.papers = {{address + ".sha256", 200, false, making.add_text("proof of " + address)}};
    making.publish(place, size, sha256(digit));
}

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory)) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

struct TempStore {
    TempDir directory;
    Store store = Store::open(directory / "a/cache");
    fs::path path = directory / "a/cache";

    fs::path entry(char digit) const { return path / ("sha256-" + digest(digit)); }
    void set_used(char digit, std::chrono::seconds ago) const {
        fs::last_write_time(entry(digit) / "content", fs::file_time_type::clock::now() - ago);
    }
};

} // namespace

TEST_CASE("an entry appears whole, and is found by digest and by address", "[cache]") {
    const TempStore temp;
    {
        Making making(temp.store, "0123456789abcdef");
        const Fd content = making.make_content();
        write_all(content.get(), "bytes");
        const Making::NewFile beside = making.make_file();
        write_all(beside.fd.get(), "settings");
        CHECK(temp.store.entry_names().empty());
        Publication place = from("https://h/a");
        place.companions = {{"https://h/a.nspawn", 200, beside.name, 8, sha256('b')}};
        stream::Digests digests = sha256('a');
        digests[stream::Algorithm::Sha512] = std::string(128, 'c');
        making.publish(place, 5, digests);
    }
    CHECK(names_in(temp.path) == std::vector<std::string>{"sha256-" + digest('a')});
    const auto entry = temp.store.find_content(sha256('a'));
    REQUIRE(entry);
    CHECK(entry->size_bytes() == 5);
    CHECK(read_all(entry->open_content().get(), 100) == "bytes");
    const Publication* place = entry->publication_at("https://h/a");
    REQUIRE(place != nullptr);
    const Fd beside = entry->open_file(*place, place->companions.at(0).file);
    CHECK(read_all(beside.get(), 100) == "settings");
    // All that is known has to agree.
    CHECK(temp.store.find_content({{stream::Algorithm::Sha512, std::string(128, 'c')}}));
    CHECK_FALSE(temp.store.find_content({{stream::Algorithm::Sha512, std::string(128, 'd')}}));
    stream::Digests mixed = sha256('a');
    mixed[stream::Algorithm::Sha512] = std::string(128, 'd');
    CHECK_FALSE(temp.store.find_content(mixed));
    CHECK_FALSE(temp.store.find_content(sha256('b')));
    CHECK_FALSE(temp.store.find_content({}));
    CHECK(temp.store.find_address("https://h/a"));
    CHECK_FALSE(temp.store.find_address("https://h/b"));
}

TEST_CASE("of two contents from one address the one kept last is found", "[cache]") {
    const TempStore temp;
    keep(temp.store, 'a', "https://h/latest", 100, 2000);
    keep(temp.store, 'b', "https://h/latest", 100, 3000);
    keep(temp.store, 'c', "https://h/latest", 100, 1000);
    CHECK(temp.store.find_address("https://h/latest")->sha256() == digest('b'));
}

TEST_CASE("one content from two places is one entry, and the newer proofs of a place count",
          "[cache]") {
    const TempStore temp;
    keep(temp.store, 'a', "https://h/a", 100, 1000);
    keep(temp.store, 'a', "https://mirror/a", 100, 2000);
    keep(temp.store, 'a', "https://h/a", 100, 3000);
    CHECK(names_in(temp.path) == std::vector<std::string>{"sha256-" + digest('a')});
    const auto entry = temp.store.find_content(sha256('a'));
    REQUIRE(entry);
    REQUIRE(entry->publications().size() == 2);
    CHECK(entry->publications()[0].address == "https://h/a");
    CHECK(entry->publications()[0].kept_at == 3000);
    CHECK(entry->publications()[1].address == "https://mirror/a");
}

TEST_CASE("new proofs of a content that is there come without it", "[cache]") {
    const TempStore temp;
    keep(temp.store, 'a', "https://h/a");
    {
        Making making(temp.store, "0000000000000001");
        Publication place = from("https://h/a", 5000);
        place.papers = {{"https://h/a.sha256", 200, false, making.add_text("newer")}};
        making.publish(place, 100, sha256('a'));
    }
    const auto entry = temp.store.find_content(sha256('a'));
    REQUIRE(entry);
    const Publication& place = entry->publications().at(0);
    CHECK(place.kept_at == 5000);
    CHECK(read_all(entry->open_file(place, place.papers.at(0).file).get(), 100) == "newer");
    CHECK(read_all(entry->open_content().get(), 1000) == std::string(100, 'a'));
    Making other(temp.store, "0000000000000002");
    CHECK_THROWS_AS(other.publish(from("https://h/z"), 100, sha256('z')), Error);
}

TEST_CASE("a making that is not published leaves nothing", "[cache]") {
    const TempStore temp;
    {
        const Making making(temp.store, "0123456789abcdef");
        const Fd content = making.make_content();
        CHECK(names_in(temp.path) == std::vector<std::string>{".#slipway-0123456789abcdef"});
        CHECK(sweep(temp.store) == 0); // it lives
        CHECK(names_in(temp.path).size() == 1);
    }
    CHECK(names_in(temp.path).empty());
}

TEST_CASE("what dead jobs have left is swept", "[cache]") {
    const TempStore temp;
    fs::create_directories(temp.path / ".#slipway-0123456789abcdef/from");
    write_file(temp.path / ".#slipway-0123456789abcdef/content", std::string(1000, 'x'));
    write_file(temp.path / ".#slipway-0123456789abcdef/from/file-0", std::string(10, 'x'));
    write_file(temp.path / ".#slipway-77.bounds", "");
    keep(temp.store, 'a', "https://h/a");
    CHECK(sweep(temp.store) == 1010);
    CHECK(names_in(temp.path) == std::vector<std::string>{"sha256-" + digest('a')});
}

TEST_CASE("an entry that somebody reads stays, and goes when nobody does", "[cache]") {
    const TempStore temp;
    keep(temp.store, 'a', "https://h/a");
    const std::string name = "sha256-" + digest('a');
    {
        const auto reader = temp.store.find_content(sha256('a'));
        const auto other = temp.store.find_content(sha256('a'));
        REQUIRE(reader);
        REQUIRE(other);
        CHECK_THROWS_MATCHES(remove_entry(temp.store, name), Error,
                             Catch::Matchers::Predicate<Error>(
                                 [](const Error& error) { return error.kind() == Kind::Busy; }));
        CHECK(prune(temp.store, {.size_bytes = 1}, kNow).empty());
        CHECK(fs::exists(temp.entry('a') / "content"));
    }
    CHECK(remove_entry(temp.store, name).freed_bytes > 100);
    CHECK(names_in(temp.path).empty());
    CHECK_THROWS_AS(remove_entry(temp.store, name), Error);
}

TEST_CASE("the bounds take the oldest first, and spare one", "[cache]") {
    const TempStore temp;
    for (const char digit : {'a', 'b', 'c'}) {
        keep(temp.store, digit, std::string("https://h/") + digit, 10'000);
    }
    temp.set_used('a', 1h);
    temp.set_used('b', 3h);
    temp.set_used('c', 2h);
    const std::uint64_t one = temp.store.find_content(sha256('a'))->room_bytes();
    const auto left = [&] {
        std::string digits;
        for (const std::string& name : temp.store.entry_names()) {
            digits += name.back();
        }
        return digits;
    };
    SECTION("all fit") {
        prune(temp.store, {.size_bytes = 3 * one + 100, .age = 4h}, kNow);
        CHECK(left() == "abc");
    }
    SECTION("two fit") {
        const auto gone = prune(temp.store, {.size_bytes = 2 * one + 100, .age = 4h}, kNow);
        CHECK(left() == "ac");
        REQUIRE(gone.size() == 1);
        CHECK(gone[0].freed_bytes == one);
    }
    SECTION("one fits, and that is spared") {
        prune(temp.store, {.size_bytes = one + 100, .age = 4h}, kNow, "sha256-" + digest('b'));
        CHECK(left() == "b");
    }
    SECTION("age") {
        prune(temp.store, {.size_bytes = 100 * one, .age = 90min}, kNow);
        CHECK(left() == "a");
    }
    SECTION("a touch makes it young") {
        temp.store.find_content(sha256('b'))->touch();
        prune(temp.store, {.size_bytes = 100 * one, .age = 90min}, kNow);
        CHECK(left() == "ab");
    }
    SECTION("what is no whole entry goes first") {
        fs::remove(temp.entry('a') / "entry.json");
        prune(temp.store, {.size_bytes = 100 * one, .age = 4h}, kNow);
        CHECK(left() == "bc");
    }
}

TEST_CASE("what is no whole entry is none, and a new one takes its place", "[cache]") {
    const TempStore temp;
    keep(temp.store, 'a', "https://h/a");
    SECTION("no description") {
        fs::remove(temp.entry('a') / "entry.json");
    }
    SECTION("half of one") {
        write_file(temp.entry('a') / "entry.json", "{\"size\": 1");
    }
    SECTION("another's") {
        write_file(temp.entry('a') / "entry.json", entry_json(100, sha256('b')));
    }
    SECTION("no content") {
        fs::remove(temp.entry('a') / "content");
    }
    CHECK_FALSE(temp.store.find_content(sha256('a')));
    keep(temp.store, 'a', "https://h/a");
    const auto entry = temp.store.find_content(sha256('a'));
    REQUIRE(entry);
    CHECK(read_all(entry->open_content().get(), 1000) == std::string(100, 'a'));
    CHECK(names_in(temp.path) == std::vector<std::string>{"sha256-" + digest('a')});
}

TEST_CASE("a content of another length, or a link in its place, is not opened", "[cache]") {
    const TempStore temp;
    keep(temp.store, 'a', "https://h/a");
    const fs::path content = temp.entry('a') / "content";
    SECTION("shorter") {
        fs::resize_file(content, 99);
    }
    SECTION("a link") {
        fs::rename(content, temp.directory / "elsewhere");
        fs::create_symlink(temp.directory / "elsewhere", content);
    }
    const auto entry = temp.store.find_content(sha256('a'));
    REQUIRE(entry);
    CHECK_FALSE(entry->open_content());
}

TEST_CASE("a cache of another user, or one that others may write to, is not used", "[cache]") {
    const TempStore temp;
    CHECK_FALSE(Store::find(temp.directory / "none"));
    CHECK_FALSE(Store::find("/dev/null"));
    struct stat info {};
    REQUIRE(::stat(temp.path.c_str(), &info) == 0);
    CHECK((info.st_mode & 07777U) == 0700U);
    SECTION("writable for others") {
        REQUIRE(::chmod(temp.path.c_str(), 0702) == 0);
        CHECK_THROWS_MATCHES(Store::find(temp.path), Error,
                             Catch::Matchers::Predicate<Error>(
                                 [](const Error& error) { return error.kind() == Kind::Denied; }));
    }
    SECTION("another's") {
        if (::geteuid() != 0) {
            SKIP("only root can give a directory away");
        }
        REQUIRE(::chown(temp.path.c_str(), 65534, 65534) == 0);
        CHECK_THROWS_AS(Store::find(temp.path), Error);
        CHECK_THROWS_AS(Store::open(temp.path), Error);
    }
}

TEST_CASE("bounds that were set count for everybody", "[cache]") {
    const TempStore temp;
    CHECK(bounds_of(temp.store) == Bounds{});
    const Bounds own{.size_bytes = 5, .age = 7s};
    set_bounds(temp.store, own);
    CHECK(bounds_of(temp.store) == own);
    write_file(temp.path / "bounds.json", GENERATE("", "{\"size\": -1, \"age\": \"x\"}", "[]"));
    CHECK(bounds_of(temp.store) == Bounds{});
    set_bounds(temp.store, own);
    CHECK(bounds_of(temp.store) == own);
    CHECK(names_in(temp.path) == std::vector<std::string>{"bounds.json"});
}
