// From a plan to what it says: before the decision nothing but a flag changes, after it every step
// can be repeated.

#include <algorithm>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/log.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"
#include "storage/plan.hh"
#include "volume/directory.hh"
#include "volume/inode_flags.hh"
#include "volume/remove_tree.hh"

namespace slipway::storage {
namespace {

Fd open_image(int pool, const std::string& name) {
    Fd fd(::openat(pool, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open the image {}", quoted(name));
    }
    return fd;
}

bool leads_to(int pool, const std::string& name, const std::string& identity) {
    return !name.empty() && find_identity(pool, name) == identity;
}

bool take_old_name_away(int pool, const HiddenNames& names, const Plan& plan) {
    if (!plan.takes_other_name() || !leads_to(pool, plan.old_name, plan.old)) {
        return false;
    }
    prepare(pool, plan);
    if (::renameat(pool, plan.old_name.c_str(), pool, names.content.c_str()) < 0) {
        throw errno_error("cannot take away {}", quoted(plan.old_name));
    }
    return true;
}

/// A directory in which a plan may change a file.
struct Place {
    Fd opened; ///< empty: the pool
    int directory;
};

// A plan is text in a directory that others may be able to write: it names no place that the pool
// itself does not name.
std::optional<Place> find_place(const Pool& pool, const std::filesystem::path& directory) {
    if (directory.empty()) {
        return Place{Fd(), pool.fd()};
    }
    const auto& places = pool.settings_directories();
    if (std::find(places.begin(), places.end(), directory) == places.end()) {
        return std::nullopt;
    }
    Fd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const int fd = opened.get();
    return opened ? std::optional<Place>(Place{std::move(opened), fd}) : std::nullopt;
}

bool remove_file(const Pool& pool, const std::filesystem::path& path, const std::string& identity) {
    const std::optional<Place> place = find_place(pool, path.parent_path());
    const std::string name = path.filename().string();
    if (!place || !leads_to(place->directory, name, identity)) {
        return false;
    }
    volume::remove_tree(place->directory, name);
    return true;
}

bool move_file(const Pool& pool, const MovedFile& file) {
    const std::optional<Place> place = find_place(pool, file.directory);
    if (!place || !leads_to(place->directory, file.from, file.identity)) {
        return false;
    }
    if (::renameat2(place->directory, file.from.c_str(), place->directory, file.to.c_str(),
                    RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno != EEXIST) {
        throw errno_error("cannot give {} its name", quoted(file.to));
    }
    debug("{} was put there by somebody meanwhile and stays", quoted(file.to));
    return false;
}

MovedFile out_of_hiding(const HiddenNames& names, const NamedFile& file) {
    const std::filesystem::path path = file.name;
    return {.directory = path.parent_path().string(),
            .from = names.sibling(sibling_suffix(file.name)),
            .to = path.filename().string(),
            .identity = file.identity};
}

/// Those that go make way first: the image is locked, so nobody misses them for that instant.
void change_siblings(const Pool& pool, const HiddenNames& names, const Plan& plan) {
    std::set<std::string> changed; // directories; empty: the pool
    const auto remove = [&](const NamedFile& file) {
        if (remove_file(pool, file.name, file.identity)) {
            changed.insert(std::filesystem::path(file.name).parent_path());
        }
    };
    const auto move = [&](const MovedFile& file) {
        if (move_file(pool, file)) {
            changed.insert(file.directory);
        }
    };
    std::for_each(plan.go.begin(), plan.go.end(), remove);
    std::for_each(plan.settings.begin(), plan.settings.end(), remove);
    for (const NamedFile& file : plan.appear) {
        move(out_of_hiding(names, file));
    }
    std::for_each(plan.move.begin(), plan.move.end(), move);
    for (const std::string& directory : changed) {
        if (const std::optional<Place> place = find_place(pool, directory)) {
            volume::sync_directory(place->directory,
                                   directory.empty() ? "of the pool" : quoted(directory));
        }
    }
}

/// The flag that an image has from now on.
void mark_immutable(int pool, const std::string& name) {
    const Fd image = open_image(pool, name);
    volume::set_immutable(image.get(), true);
    if (::fsync(image.get()) < 0) {
        throw errno_error("cannot sync {}", quoted(name));
    }
}

} // namespace

Decision decision(int pool, const HiddenNames& names, const Plan& plan) {
    const bool arrival = !plan.name.empty();
    const std::string& identity = arrival ? plan.fresh : plan.old;
    const std::string& before = arrival ? names.content : plan.old_name;
    const std::string& after = arrival                ? plan.name
                               : plan.becomes.empty() ? names.content
                                                      : plan.becomes;
    if (leads_to(pool, after, identity)) {
        return Decision::Decided;
    }
    return leads_to(pool, before, identity) ? Decision::Undecided : Decision::Neither;
}

void prepare(int pool, const Plan& plan) {
    if (plan.old_immutable) {
        volume::set_immutable(open_image(pool, plan.old_name).get(), false);
    }
}

void complete(const Pool& pool, const HiddenNames& names, const Plan& plan) {
    if (take_old_name_away(pool.fd(), names, plan)) {
        volume::sync_directory(pool.fd(), "of the pool");
    }
    change_siblings(pool, names, plan);
    if (plan.read_only) {
        mark_immutable(pool.fd(), plan.name);
    }
    if (plan.old_immutable && !plan.becomes.empty()) {
        mark_immutable(pool.fd(), plan.becomes);
    }
}

void undo(int pool, const Plan& plan) {
    if (plan.old_immutable && leads_to(pool, plan.old_name, plan.old)) {
        mark_immutable(pool, plan.old_name);
    }
}

} // namespace slipway::storage
