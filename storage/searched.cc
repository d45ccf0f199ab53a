// The search paths of systemd 252, legacy ones included.

#include "storage/searched.hh"

#include <array>
#include <span>

#include <sys/stat.h>

#include "base/error.hh"

namespace slipway::storage {
namespace {

constexpr std::array kMachines = {"/var/lib/machines", "/etc/machines",
                                  "/run/machines",     "/usr/local/lib/machines",
                                  "/usr/lib/machines", "/var/lib/container"};

// Where new images of the other classes are stored.
constexpr std::array kOthers = {"/var/lib/portables", "/var/lib/extensions", "/var/lib/confexts"};

bool is_one_of(std::span<const char* const> directories, int directory) {
    struct stat own {};
    if (::fstat(directory, &own) < 0) {
        throw errno_error("cannot stat the pool");
    }
    for (const char* one : directories) {
        struct stat info {};
        if (::stat(one, &info) == 0 && info.st_dev == own.st_dev && info.st_ino == own.st_ino) {
            return true;
        }
    }
    return false;
}

} // namespace

bool is_searched(int directory) {
    return is_one_of(kMachines, directory) || is_one_of(kOthers, directory);
}

bool is_searched_for_machines(int directory) {
    return is_one_of(kMachines, directory);
}

} // namespace slipway::storage
