// Everything is opened below the directory's own descriptor: who may write in /run/slipway is root.

#include "jobs/job_directory.hh"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::jobs {
namespace {

constexpr std::uint64_t kLongestJob = 1 << 20;
constexpr off_t kShownErrors = 4096;
constexpr std::array kFiles{"job", "events", "seen", "errors"};

std::filesystem::path jobs_in(const std::filesystem::path& runtime) {
    return runtime / "jobs";
}

void make_directory(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) {
        throw errno_error("cannot make {}", quoted(path.string()));
    }
}

Fd open_directory(const std::filesystem::path& path) {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Fd make_file(int directory, const char* name, int flags) {
    Fd file(::openat(directory, name, O_CREAT | O_EXCL | O_CLOEXEC | flags, 0600));
    if (!file) {
        throw errno_error("cannot make the job's file '{}'", name);
    }
    return file;
}

struct flock whole_file(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

} // namespace

JobDirectory::JobDirectory(Fd fd, std::string id) : fd_(std::move(fd)), id_(std::move(id)) {}

JobDirectory JobDirectory::make(const std::filesystem::path& runtime, const std::string& id,
                                const StoredJob& job) {
    make_directory(runtime);
    make_directory(jobs_in(runtime));
    const std::filesystem::path path = jobs_in(runtime) / id;
    make_directory(path);
    Fd fd = open_directory(path);
    if (!fd) {
        throw errno_error("cannot open {}", quoted(path.string()));
    }
    for (const char* name : kFiles) {
        ::unlinkat(fd.get(), name, 0);
    }
    JobDirectory directory(std::move(fd), id);
    const Fd file = make_file(directory.fd_.get(), "job", O_WRONLY);
    write_all(file.get(), to_json(job));
    return directory;
}

std::vector<JobDirectory> JobDirectory::find_all(const std::filesystem::path& runtime) {
    std::vector<JobDirectory> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(jobs_in(runtime), ignored)) {
        Fd fd = open_directory(entry.path());
        if (fd) {
            found.push_back(JobDirectory(std::move(fd), entry.path().filename().string()));
        }
    }
    return found;
}

std::optional<StoredJob> JobDirectory::job() const {
    const Fd file(::openat(fd_.get(), "job", O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) {
        return std::nullopt;
    }
    try {
        return parse_stored_job(read_all(file.get(), kLongestJob));
    } catch (const Error&) {
        return std::nullopt; // written half
    }
}

Fd JobDirectory::make_events() const {
    Fd events = make_file(fd_.get(), "events", O_WRONLY | O_APPEND);
    struct flock lock = whole_file(F_WRLCK);
    if (::fcntl(events.get(), F_OFD_SETLK, &lock) < 0) {
        throw errno_error("cannot lock the job's events");
    }
    return events;
}

Fd JobDirectory::make_errors() const {
    return make_file(fd_.get(), "errors", O_WRONLY | O_APPEND);
}

Fd JobDirectory::open_events() const {
    return Fd(::openat(fd_.get(), "events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

bool JobDirectory::is_locked(int events) {
    struct flock lock = whole_file(F_WRLCK);
    return ::fcntl(events, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::uint64_t JobDirectory::seen() const {
    const Fd file(::openat(fd_.get(), "seen", O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    std::uint64_t bytes = 0;
    if (!file || ::pread(file.get(), &bytes, sizeof bytes, 0) != sizeof bytes) {
        return 0;
    }
    return bytes;
}

void JobDirectory::set_seen(std::uint64_t bytes) const {
    const Fd file(::openat(fd_.get(), "seen", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file) {
        static_cast<void>(!::pwrite(file.get(), &bytes, sizeof bytes, 0));
    }
}

void JobDirectory::give_back(std::uint64_t from, std::uint64_t to) const noexcept {
    const Fd file(::openat(fd_.get(), "events", O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file && to > from) {
        ::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(from), static_cast<off_t>(to - from));
    }
}

std::string JobDirectory::errors() const {
    const Fd file(::openat(fd_.get(), "errors", O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    const off_t size = file ? ::lseek(file.get(), 0, SEEK_END) : 0;
    std::string text(static_cast<std::size_t>(std::min(size, kShownErrors)), '\0');
    const auto start = size - static_cast<off_t>(text.size());
    const ssize_t got = text.empty() ? 0 : ::pread(file.get(), text.data(), text.size(), start);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
}

void JobDirectory::remove(const std::filesystem::path& runtime, const std::string& id) noexcept {
    const std::filesystem::path path = jobs_in(runtime) / id;
    const Fd directory = open_directory(path);
    for (const char* name : kFiles) {
        ::unlinkat(directory.get(), name, 0);
    }
    ::rmdir(path.c_str());
}

} // namespace slipway::jobs
