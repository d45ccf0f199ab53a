// The queue on disk: what is written is there again, and a file that cannot be used is set aside.

#include <sys/stat.h>

#include "base/error.hh"
#include "jobs/queue_file.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::jobs;
using namespace slipway::tests;
using transfer::JobState;

namespace {

StoredJob job(std::uint32_t number, JobState state = JobState::Queued) {
    StoredJob stored;
    stored.record.number = number;
    stored.record.state = state;
    stored.record.verb = "pull-tar";
    stored.record.name = "image-" + std::to_string(number);
    stored.request = R"({"url": "https://user:geheim@h/"})";
    if (transfer::has_ended(state)) {
        stored.record.end = transfer::Ended{.outcome = transfer::Outcome::Done, .status = 0};
    }
    return stored;
}

void put(QueueFile& file, const StoredJob& stored) {
    file.begin();
    file.put(stored);
    file.commit();
}

std::vector<std::uint32_t> numbers(const std::vector<transfer::JobRecord>& jobs) {
    std::vector<std::uint32_t> all;
    for (const auto& one : jobs) {
        all.push_back(one.number);
    }
    return all;
}

// Whether any file of the queue holds these bytes.
bool holds(const std::filesystem::path& directory, const std::string& bytes) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (read_file(entry.path()).find(bytes) != std::string::npos) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("what was put into the queue is there when it is opened again", "[jobs][queue]") {
    TempDir directory;
    const auto path = directory / "state" / "queue.db";
    {
        QueueFile file(path);
        CHECK(file.note().empty());
        CHECK(file.next_number() == 1);
        StoredJob second = job(2, JobState::Running);
        second.has_input = true;
        second.cancel_wanted = true;
        put(file, job(1));
        put(file, second);
        put(file, job(3, JobState::Done));
    }
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
    QueueFile file(path);
    const std::vector<StoredJob> live = file.live();
    REQUIRE(live.size() == 2);
    CHECK(live[0].record.name == "image-1");
    CHECK(live[0].request == job(1).request);
    CHECK_FALSE(live[0].has_input);
    CHECK(live[1].record.state == JobState::Running);
    CHECK(live[1].has_input);
    CHECK(live[1].cancel_wanted);
    CHECK(file.next_number() == 4);
    CHECK(numbers(file.history({})) == std::vector<std::uint32_t>{3});
}

TEST_CASE("what was not committed is not there", "[jobs][queue]") {
    TempDir directory;
    QueueFile file(directory / "queue.db");
    file.begin();
    file.put(job(1));
    file.rollback();
    CHECK(file.live().empty());
}

TEST_CASE("N13: a URL's secrets are erased from the file when its job ends", "[jobs][queue]") {
    TempDir directory;
    QueueFile file(directory / "queue.db");
    put(file, job(1));
    REQUIRE(holds(directory.path(), "geheim"));
    put(file, job(1, JobState::Done));
    CHECK_FALSE(holds(directory.path(), "geheim"));
}

TEST_CASE("history is newest first, in pages, and has a bound", "[jobs][queue]") {
    TempDir directory;
    QueueFile file(directory / "queue.db");
    for (std::uint32_t number = 1; number <= 5; ++number) {
        put(file, job(number, JobState::Done));
    }
    put(file, job(6));
    CHECK(numbers(file.history({})) == std::vector<std::uint32_t>{5, 4, 3, 2, 1});
    CHECK(numbers(file.history({.limit = 2})) == std::vector<std::uint32_t>{5, 4});
    CHECK(numbers(file.history({.limit = 2, .before = 4})) == std::vector<std::uint32_t>{3, 2});
    CHECK(numbers(file.history({.limit = 9, .before = 0, .number = 3})) ==
          std::vector<std::uint32_t>{3});
    CHECK(file.history({.limit = 9, .before = 0, .number = 6}).empty());
    file.trim(2);
    CHECK(numbers(file.history({})) == std::vector<std::uint32_t>{5, 4});
    CHECK(file.live().size() == 1);
    file.trim(0);
    CHECK(file.history({}).empty());
    CHECK(file.next_number() == 7); // numbers are not given again
}

TEST_CASE("B12: a file that is damaged anywhere is set aside and never a reason not to start",
          "[jobs][queue]") {
    TempDir directory;
    const auto path = directory / "queue.db";
    {
        QueueFile file(path);
        for (std::uint32_t number = 1; number <= 50; ++number) {
            put(file, job(number));
        }
    }
    std::string content = read_file(path);
    const std::size_t at = GENERATE(0, 20, 100, 4096, 4196, 8192);
    REQUIRE(content.size() > at + 64);
    content.replace(at, 64, std::string(64, '\x7f'));
    write_file(path, content);
    QueueFile file(path);
    INFO(file.note());
    if (!file.note().empty()) { // damage in an unused part of a page is none
        CHECK_THAT(file.note(), contains("was set aside as"));
        CHECK(file.live().empty());
        std::size_t aside = 0;
        for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
            aside += entry.path().filename().string().starts_with("queue.db.damaged-") ? 1 : 0;
        }
        CHECK(aside >= 1);
    }
    put(file, job(60));
    CHECK(file.live().back().record.number == 60);
}

TEST_CASE("B12: no database at all, an empty file, and one of a newer version", "[jobs][queue]") {
    TempDir directory;
    const auto path = directory / "queue.db";
    SECTION("text") {
        write_file(path, "not a database\n");
        CHECK_THAT(QueueFile(path).note(), contains("set aside"));
    }
    SECTION("nothing in it") {
        write_file(path, "");
        CHECK(QueueFile(path).note().empty());
    }
    SECTION("newer") {
        { QueueFile file(path); }
        run_ok({"python3", "-c",
                "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("
                "'PRAGMA user_version = 2')",
                path.string()});
        CHECK_THAT(QueueFile(path).note(), contains("version 2"));
    }
    SECTION("a job that cannot be read") {
        { QueueFile file(path); }
        run_ok({"python3", "-c",
                "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute(\""
                "INSERT INTO jobs VALUES (1, 1, 'x', '', 0, 0)\"); d.commit()",
                path.string()});
        CHECK_THAT(QueueFile(path).note(), contains("set aside"));
    }
}

TEST_CASE("B12: a queue that cannot be made is refused, and why", "[jobs][queue]") {
    TempDir directory;
    write_file(directory / "file", "");
    CHECK_THROWS_AS(QueueFile(directory / "file" / "queue.db"), Error);
}

TEST_CASE("C6: a second daemon does not get at the queue", "[jobs][queue]") {
    TempDir directory;
    const QueueFile first(directory / "queue.db");
    CHECK_THROWS_MATCHES(QueueFile(directory / "queue.db"), Error,
                         Catch::Matchers::Predicate<Error>(
                             [](const Error& error) { return error.kind() == Kind::Busy; }));
}
