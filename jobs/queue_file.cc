// Version 1: one table. What is shown of a job is its JSON (docs/protocol.md §6), so that a member
// that is added later needs no new version.

#include "jobs/queue_file.hh"

#include <chrono>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/handle.hh"
#include "base/quoted.hh"

namespace slipway::jobs {
namespace {

using Database = Handle<sqlite3, sqlite3_close>;

constexpr int kVersion = 1;
constexpr const char* kTables =
    "CREATE TABLE jobs (number INTEGER PRIMARY KEY AUTOINCREMENT, live INTEGER NOT NULL,"
    " record TEXT NOT NULL, request TEXT NOT NULL, has_input INTEGER NOT NULL,"
    " cancel_wanted INTEGER NOT NULL) STRICT;"
    "CREATE INDEX live_jobs ON jobs (number) WHERE live = 1;"
    "PRAGMA user_version = 1;";

/// The file cannot be used, whatever the disk does: set it aside.
class Unusable : public Error {
public:
    explicit Unusable(const std::string& reason) : Error(Kind::Other, "{}", reason) {}
};

Kind kind_of(int code) {
    switch (code & 0xff) {
    case SQLITE_FULL:
        return Kind::NoSpace;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return Kind::Denied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return Kind::Busy;
    default:
        return Kind::Other;
    }
}

[[noreturn]] void fail(sqlite3* database, const char* doing) {
    const int code = sqlite3_extended_errcode(database);
    const std::string reason = sqlite3_errmsg(database);
    if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) {
        throw Unusable(reason);
    }
    const int number = sqlite3_system_errno(database);
    throw Error(number == ENOSPC ? Kind::NoSpace : kind_of(code), "cannot {} the job queue: {}",
                doing, reason);
}

class Statement {
public:
    Statement(sqlite3* database, const char* text) : database_(database) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database, text, -1, &statement, nullptr) != SQLITE_OK) {
            fail(database, "read");
        }
        statement_.reset(statement);
    }

    Statement& bind(std::int64_t value) {
        sqlite3_bind_int64(statement_.get(), ++bound_, value);
        return *this;
    }
    Statement& bind(const std::string& value) {
        sqlite3_bind_text(statement_.get(), ++bound_, value.data(), static_cast<int>(value.size()),
                          SQLITE_TRANSIENT);
        return *this;
    }

    /// The next row; false at the end.
    bool step() {
        const int result = sqlite3_step(statement_.get());
        if (result != SQLITE_ROW && result != SQLITE_DONE) {
            fail(database_, "use");
        }
        return result == SQLITE_ROW;
    }
    void run() {
        while (step()) {
        }
    }

    std::int64_t number(int column) { return sqlite3_column_int64(statement_.get(), column); }
    std::string text(int column) {
        const auto* value = sqlite3_column_text(statement_.get(), column);
        const int size = sqlite3_column_bytes(statement_.get(), column);
        return {reinterpret_cast<const char*>(value), static_cast<std::size_t>(size)};
    }

private:
    sqlite3* database_;
    Handle<sqlite3_stmt, sqlite3_finalize> statement_;
    int bound_ = 0;
};

void execute(sqlite3* database, const char* text) {
    if (sqlite3_exec(database, text, nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(database, "write");
    }
}

void check_content(sqlite3* database) {
    Statement check(database, "PRAGMA quick_check(1)");
    if (!check.step() || check.text(0) != "ok") {
        throw Unusable("its pages do not fit together");
    }
}

int version_of(sqlite3* database) {
    Statement version(database, "PRAGMA user_version");
    version.step();
    return static_cast<int>(version.number(0));
}

// The write-ahead log belongs to the file; a new one must not find it.
std::string set_aside(const std::filesystem::path& path, const std::string& reason) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string suffix = fmt::format(
        ".damaged-{}", std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    const std::string aside = path.string() + suffix;
    if (::rename(path.c_str(), aside.c_str()) < 0) {
        throw errno_error("the job queue {} cannot be used ({}) and not be set aside",
                          quoted(path.string()), reason);
    }
    for (const char* companion : {"-wal", "-shm"}) {
        static_cast<void>(
            ::rename((path.string() + companion).c_str(), (aside + companion).c_str()));
    }
    return fmt::format("the job queue {} cannot be used: {}; it was set aside as {}, and a new one "
                       "begins: jobs that waited in it have to be asked for again",
                       quoted(path.string()), reason, quoted(aside));
}

// SQLite would give it the mode that the umask allows.
void make_file(const std::filesystem::path& path) {
    const std::filesystem::path directory = path.parent_path();
    if (::mkdir(directory.c_str(), 0700) < 0 && errno != EEXIST) {
        throw errno_error("cannot make {}", quoted(directory.string()));
    }
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
        throw errno_error("cannot open the job queue {}", quoted(path.string()));
    }
}

transfer::JobRecord read_record(Statement& row, int column) {
    try {
        return transfer::parse_job_record(row.text(column));
    } catch (const Error& error) {
        throw Unusable(error.what());
    }
}

} // namespace

struct QueueFile::State {
    Database database;
    bool has_traces = false; // the write-ahead log still holds a request that was erased
};

QueueFile::QueueFile(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
    try {
        open(path);
    } catch (const Unusable& unusable) {
        state_->database.reset();
        note_ = set_aside(path, unusable.what());
        try {
            open(path);
        } catch (const Unusable& again) {
            throw Error(Kind::Other, "cannot make a new job queue: {}", again.what());
        }
    }
}

QueueFile::~QueueFile() = default;

void QueueFile::open(const std::filesystem::path& path) {
    make_file(path);
    sqlite3* database = nullptr;
    const int result = sqlite3_open_v2(path.c_str(), &database,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    state_->database.reset(database);
    if (result != SQLITE_OK) {
        fail(database, "open");
    }
    prepare();
}

void QueueFile::prepare() {
    sqlite3* database = state_->database.get();
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, 2000);
    execute(database, "PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;"
                      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                      "PRAGMA locking_mode = EXCLUSIVE;");
    check_content(database);
    const int version = version_of(database);
    if (version > kVersion) {
        throw Unusable(fmt::format("it is of version {}, this slipway-importd knows up to {}",
                                   version, kVersion));
    }
    if (version == 0) {
        execute(database, fmt::format("BEGIN IMMEDIATE; {} COMMIT;", kTables).c_str());
    }
    live(); // every job can be read
}

std::vector<StoredJob> QueueFile::live() {
    Statement rows(state_->database.get(),
                   "SELECT record, request, has_input, cancel_wanted FROM jobs"
                   " WHERE live = 1 ORDER BY number");
    std::vector<StoredJob> jobs;
    while (rows.step()) {
        jobs.push_back(
            {read_record(rows, 0), rows.text(1), rows.number(2) != 0, rows.number(3) != 0});
    }
    return jobs;
}

std::uint32_t QueueFile::next_number() {
    Statement last(state_->database.get(),
                   "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'jobs'");
    last.step();
    return static_cast<std::uint32_t>(last.number(0)) + 1;
}

std::vector<transfer::JobRecord> QueueFile::history(const HistoryQuery& query) {
    Statement rows(state_->database.get(),
                   "SELECT record FROM jobs WHERE live = 0 AND (?1 = 0 OR number < ?1)"
                   " AND (?2 = 0 OR number = ?2) ORDER BY number DESC LIMIT ?3");
    rows.bind(query.before).bind(query.number).bind(query.limit);
    std::vector<transfer::JobRecord> jobs;
    while (rows.step()) {
        jobs.push_back(read_record(rows, 0));
    }
    return jobs;
}

void QueueFile::begin() {
    execute(state_->database.get(), "BEGIN IMMEDIATE");
}

void QueueFile::commit() {
    execute(state_->database.get(), "COMMIT");
    if (std::exchange(state_->has_traces, false)) {
        execute(state_->database.get(), "PRAGMA wal_checkpoint(TRUNCATE)");
    }
}

void QueueFile::rollback() noexcept {
    sqlite3_exec(state_->database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void QueueFile::put(const StoredJob& job) {
    const bool ended = transfer::has_ended(job.record.state);
    Statement statement(state_->database.get(),
                        "INSERT INTO jobs (number, live, record, request, has_input, cancel_wanted)"
                        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
                        " live = excluded.live, record = excluded.record,"
                        " request = excluded.request, has_input = excluded.has_input,"
                        " cancel_wanted = excluded.cancel_wanted");
    statement.bind(job.record.number)
        .bind(ended ? 0 : 1)
        .bind(transfer::to_json(job.record))
        .bind(ended ? std::string() : job.request)
        .bind(job.has_input ? 1 : 0)
        .bind(job.cancel_wanted ? 1 : 0);
    statement.run();
    state_->has_traces = state_->has_traces || ended;
}

void QueueFile::trim(unsigned keep) {
    Statement statement(state_->database.get(),
                        "DELETE FROM jobs WHERE live = 0 AND number <="
                        " (SELECT number FROM jobs WHERE live = 0 ORDER BY number DESC"
                        "  LIMIT 1 OFFSET ?)");
    statement.bind(keep).run();
}

} // namespace slipway::jobs
