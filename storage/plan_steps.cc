// From a plan to what it says: before the decision nothing but a flag changes, after it every step
// can be repeated.

#include <algorithm>

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

/// Those that go make way first: the image is locked, so nobody misses them for that instant.
bool change_siblings(int pool, const HiddenNames& names, const Plan& plan) {
    bool changed = false;
    for (const NamedFile& file : plan.go) {
        if (leads_to(pool, file.name, file.identity)) {
            volume::remove_tree(pool, file.name);
            changed = true;
        }
    }
    for (const NamedFile& file : plan.appear) {
        const std::string hidden = names.sibling(sibling_suffix(file.name));
        if (!leads_to(pool, hidden, file.identity)) {
            continue;
        }
        if (::renameat2(pool, hidden.c_str(), pool, file.name.c_str(), RENAME_NOREPLACE) == 0) {
            changed = true;
        } else if (errno != EEXIST) {
            throw errno_error("cannot give {} its name", quoted(file.name));
        } else {
            debug("{} was put there by somebody meanwhile and stays", quoted(file.name));
        }
    }
    return changed;
}

// A plan is text in a directory that others may be able to write: it names no place that the pool
// itself does not name.
void remove_settings(const Pool& pool, const NamedFile& file) {
    const std::filesystem::path path = file.name;
    const auto& places = pool.settings_directories();
    if (std::find(places.begin(), places.end(), path.parent_path()) == places.end()) {
        return;
    }
    const Fd directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::string name = path.filename().string();
    if (!directory || !leads_to(directory.get(), name, file.identity)) {
        return;
    }
    volume::remove_tree(directory.get(), name);
    volume::sync_directory(directory.get(), quoted(path.parent_path().string()));
}

} // namespace

Decision decision(int pool, const HiddenNames& names, const Plan& plan) {
    const bool removal = plan.name.empty();
    if (removal ? leads_to(pool, names.content, plan.old) : leads_to(pool, plan.name, plan.fresh)) {
        return Decision::Decided;
    }
    if (removal ? leads_to(pool, plan.old_name, plan.old)
                : leads_to(pool, names.content, plan.fresh)) {
        return Decision::Undecided;
    }
    return Decision::Neither;
}

void prepare(int pool, const Plan& plan) {
    if (plan.old_immutable) {
        volume::set_immutable(open_image(pool, plan.old_name).get(), false);
    }
}

void complete(const Pool& pool, const HiddenNames& names, const Plan& plan) {
    const bool taken_away = take_old_name_away(pool.fd(), names, plan);
    const bool siblings_changed = change_siblings(pool.fd(), names, plan);
    if (taken_away || siblings_changed) {
        volume::sync_directory(pool.fd(), "of the pool");
    }
    for (const NamedFile& file : plan.settings) {
        remove_settings(pool, file);
    }
    if (plan.read_only) {
        const Fd image = open_image(pool.fd(), plan.name);
        volume::set_immutable(image.get(), true);
        if (::fsync(image.get()) < 0) {
            throw errno_error("cannot sync {}", quoted(plan.name));
        }
    }
}

void undo(int pool, const Plan& plan) {
    if (plan.old_immutable && leads_to(pool, plan.old_name, plan.old)) {
        const Fd image = open_image(pool, plan.old_name);
        volume::set_immutable(image.get(), true);
        if (::fsync(image.get()) < 0) {
            throw errno_error("cannot sync {}", quoted(plan.old_name));
        }
    }
}

} // namespace slipway::storage
