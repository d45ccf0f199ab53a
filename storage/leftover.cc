// A lock is asked about (F_OFD_GETLK), not taken: a listing must not disturb whoever takes it.

#include "storage/leftover.hh"

#include <cerrno>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "storage/hidden.hh"
#include "volume/directory.hh"

namespace slipway::storage {
namespace {

constexpr std::uint64_t kMaxLockFileBytes = 4096;

std::optional<Leftover> look(const Pool& pool, const std::string& id) {
    const HiddenNames names(id);
    Leftover leftover{.job = id, .image = {}, .path = pool.path() / names.content};
    const Fd file(::openat(pool.fd(), names.lock.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file) {
        return errno == ENOENT ? std::optional(std::move(leftover)) : std::nullopt;
    }
    struct flock lock {};
    lock.l_type = F_RDLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_OFD_GETLK, &lock) < 0 || lock.l_type != F_UNLCK) {
        return std::nullopt;
    }
    try {
        const std::string text = read_all(file.get(), kMaxLockFileBytes);
        leftover.image = text.substr(0, text.find('\n'));
    } catch (const Error&) { // then it is not known
    }
    return leftover;
}

} // namespace

std::vector<Leftover> find_leftovers(const Pool& pool) {
    std::set<std::string> jobs;
    for (const volume::DirectoryEntry& entry : volume::all_entries(pool.fd())) {
        if (std::optional<std::string> id = find_job_id(entry.name)) {
            jobs.insert(std::move(*id));
        }
    }
    std::vector<Leftover> found;
    for (const std::string& id : jobs) {
        if (std::optional<Leftover> leftover = look(pool, id)) {
            found.push_back(std::move(*leftover));
        }
    }
    return found;
}

} // namespace slipway::storage
