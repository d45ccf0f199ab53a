// The files that come with an image: hidden beside the staging until the commit, when the plan says
// which of them appear and which of the old ones go.

#include <algorithm>
#include <cassert>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"
#include "storage/new_siblings.hh"
#include "storage/sibling.hh"
#include "storage/staging.hh"
#include "storage/staging_state.hh"
#include "volume/plain.hh"

namespace slipway::storage {
namespace {

void make_empty(int file) {
    if (::ftruncate(file, 0) < 0 || ::lseek(file, 0, SEEK_SET) < 0) {
        throw errno_error("cannot empty a file of the staging");
    }
}

Fd make_hidden_file(const Pool& pool, const std::string& name) {
    Fd file(::openat(pool.fd(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     0600));
    if (!file) {
        throw errno_error("cannot make {} in the pool {}", quoted(name),
                          quoted(pool.path().string()));
    }
    volume::make_plain(file.get(), 0600);
    return file;
}

NamedFile hidden_file(const Pool& pool, const std::string& hidden, std::string becomes) {
    std::optional<std::string> identity = find_identity(pool.fd(), hidden);
    if (!identity) {
        throw Error(Kind::Busy, "{} was removed by somebody; nothing was changed", quoted(hidden));
    }
    return {std::move(becomes), std::move(*identity)};
}

bool has(const std::vector<NamedFile>& files, const std::string& name) {
    return std::any_of(files.begin(), files.end(),
                       [&name](const NamedFile& file) { return file.name == name; });
}

} // namespace

/// What has the sibling's name now.
std::optional<NamedFile> Staging::State::standing_sibling(Sibling kind) const {
    std::optional<NamedFile> there = find_sibling(pool, spec.name, kind);
    const std::string name = sibling_name(spec.name, kind);
    struct stat info {};
    if (!there && ::fstatat(pool.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        throw Error(Kind::Exists,
                    "{} exists and is not a file; nothing was changed. Move it away, or give the "
                    "image another name",
                    quoted((pool.path() / name).string()));
    }
    return there;
}

int Staging::State::add_sibling(Sibling kind) {
    if (const std::string name = sibling_name(spec.name, kind); name.size() > NAME_MAX) {
        throw Error(Kind::InvalidArgument,
                    "{} is too long: the image's {} would have more than {} bytes in its name",
                    quoted(spec.name.text()), quoted(suffix(kind)), NAME_MAX);
    }
    const bool gives_way = standing_sibling(kind) && spec.replace == Replace::No;
    const auto there = siblings.find(kind);
    if (there != siblings.end()) {
        make_empty(there->second.get());
    } else {
        siblings.emplace(kind, make_hidden_file(pool, place.names().sibling(suffix(kind))));
    }
    kept.erase(kind);
    if (gives_way) {
        kept.insert(kind);
    }
    return siblings.at(kind).get();
}

void Staging::State::drop_sibling(Sibling kind) noexcept {
    if (siblings.erase(kind) > 0) {
        ::unlinkat(pool.fd(), place.names().sibling(suffix(kind)).c_str(), 0);
    }
    kept.erase(kind);
}

/// A file that stands there gives way to ours only with --force. One that has come since we told
/// that nothing stood there is somebody's work of this minute.
void Staging::State::plan_siblings(Plan& plan, const std::optional<Target>& target) const {
    for (const auto& [kind, file] : siblings) {
        std::optional<NamedFile> there = standing_sibling(kind);
        const std::string name = sibling_name(spec.name, kind);
        if (there && spec.replace == Replace::No) {
            if (kept.count(kind) > 0) {
                continue;
            }
            throw Error(Kind::Exists,
                        "{} has come to exist meanwhile; nothing was stored. {}, or give the image "
                        "another name",
                        quoted((pool.path() / name).string()),
                        carried.count(kind) > 0 ? "Move it away" : "Use --force to replace it");
        }
        if (there) {
            plan.go.push_back(std::move(*there));
        }
        plan.appear.push_back(hidden_file(pool, place.names().sibling(suffix(kind)), name));
    }
    for (const NamedFile& file : settings) {
        check_no_settings(file.name);
        plan.appear.push_back(file);
    }
    if (!target || target->hides_raw) {
        return;
    }
    // A root hash of the old image would speak against the new one.
    for (NamedFile& old : find_proofs(pool, spec.name)) {
        if (!has(plan.go, old.name)) {
            plan.go.push_back(std::move(old));
        }
    }
}

int Staging::add_sibling(Sibling kind) {
    assert(state_->spec.kind == ImageKind::Disk || kind == Sibling::Settings);
    return state_->add_sibling(kind);
}

void Staging::drop_sibling(Sibling kind) noexcept {
    state_->drop_sibling(kind);
}

std::vector<std::string> Staging::kept_siblings() const {
    std::vector<std::string> lines;
    for (const Sibling kind : state_->kept) {
        const auto path = state_->pool.path() / sibling_name(state_->spec.name, kind);
        lines.push_back(fmt::format("{} exists and stays; the one that comes with the image is not "
                                    "stored. Use --force to replace it",
                                    quoted(path.string())));
    }
    return lines;
}

} // namespace slipway::storage
