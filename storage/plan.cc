// Plans as text, one "key value" a line, closed by "end": a plan that was cut short has none and
// nothing was changed after it.

#include "storage/plan.hh"

#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"
#include "storage/inode_flags.hh"

namespace slipway::storage {
namespace {

constexpr std::string_view kFirstLine = "slipway-plan 1";
constexpr std::uint64_t kMaxPlanBytes = 4096;

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

void sync_directory(int pool) {
    if (::fsync(pool) < 0) {
        throw errno_error("cannot sync the directory of the pool");
    }
}

} // namespace

std::string to_text(const Plan& plan) {
    std::string text = fmt::format("{}\n", kFirstLine);
    if (!plan.name.empty()) {
        text += fmt::format("fresh {} {}\n", plan.fresh, plan.name);
    }
    if (plan.read_only) {
        text += "read-only\n";
    }
    if (!plan.old_name.empty()) {
        text += fmt::format("old {} {}\n", plan.old, plan.old_name);
    }
    if (plan.old_immutable) {
        text += "old-immutable\n";
    }
    return text + "end\n";
}

std::optional<Plan> parse_plan(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    if (!std::getline(lines, line) || line != kFirstLine) {
        return std::nullopt;
    }
    Plan plan;
    // "KEY IDENTITY NAME": a name may hold blanks, an identity none.
    const auto take = [&line](std::string_view key, std::string& identity, std::string& name) {
        const std::size_t blank = line.find(' ', key.size());
        if (!line.starts_with(key) || blank == std::string::npos) {
            return false;
        }
        identity = line.substr(key.size(), blank - key.size());
        name = line.substr(blank + 1);
        return !identity.empty() && !name.empty() && name.find('/') == std::string::npos;
    };
    while (std::getline(lines, line)) {
        if (line == "end") {
            return plan;
        }
        if (line == "read-only") {
            plan.read_only = true;
        } else if (line == "old-immutable") {
            plan.old_immutable = true;
        } else if (!take("fresh ", plan.fresh, plan.name) &&
                   !take("old ", plan.old, plan.old_name)) {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

void write_plan(int pool, const HiddenNames& names, const Plan& plan) {
    Fd file(::openat(pool, names.plan.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     0600));
    const std::string text = to_text(plan);
    if (!file ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw errno_error("cannot write the plan {}", quoted(names.plan));
    }
    if (::fsync(file.get()) < 0) {
        throw errno_error("cannot sync the plan {}", quoted(names.plan));
    }
    file.close();
    sync_directory(pool);
}

std::optional<Plan> find_plan(int pool, const HiddenNames& names) {
    const Fd file(
        ::openat(pool, names.plan.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        throw errno_error("cannot open the plan {}", quoted(names.plan));
    }
    return parse_plan(read_all(file.get(), kMaxPlanBytes));
}

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
        set_immutable(open_image(pool, plan.old_name).get(), false);
    }
}

void complete(int pool, const HiddenNames& names, const Plan& plan) {
    if (plan.takes_other_name() && leads_to(pool, plan.old_name, plan.old)) {
        prepare(pool, plan);
        if (::renameat(pool, plan.old_name.c_str(), pool, names.content.c_str()) < 0) {
            throw errno_error("cannot take away {}", quoted(plan.old_name));
        }
        sync_directory(pool);
    }
    if (plan.read_only) {
        const Fd image = open_image(pool, plan.name);
        set_immutable(image.get(), true);
        if (::fsync(image.get()) < 0) {
            throw errno_error("cannot sync {}", quoted(plan.name));
        }
    }
}

void undo(int pool, const Plan& plan) {
    if (plan.old_immutable && leads_to(pool, plan.old_name, plan.old)) {
        const Fd image = open_image(pool, plan.old_name);
        set_immutable(image.get(), true);
        if (::fsync(image.get()) < 0) {
            throw errno_error("cannot sync {}", quoted(plan.old_name));
        }
    }
}

} // namespace slipway::storage
