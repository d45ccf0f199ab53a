// First what is known at once, then what walks have found before, then walks.

#include "storage/usage.hh"

#include <algorithm>
#include <map>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "storage/usage_cache.hh"
#include "volume/quota.hh"
#include "volume/subvolume.hh"
#include "volume/tree_usage.hh"

namespace slipway::storage {
namespace {

std::optional<std::uint64_t> device_size(const Image& image) noexcept {
    const Fd fd(::open(image.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    std::uint64_t size = 0;
    if (!fd || ::ioctl(fd.get(), BLKGETSIZE64, &size) < 0) {
        return std::nullopt;
    }
    return size;
}

Fd open_tree(const std::filesystem::path& path) noexcept {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// Of a subvolume and those nested in it.
std::vector<volume::SubvolumeInfo> with_nested(int subvolume) {
    std::vector<volume::SubvolumeInfo> all;
    const auto add = [&all](int fd) {
        if (const auto info = volume::find_subvolume_info(fd)) {
            all.push_back(*info);
        }
    };
    add(subvolume);
    for (const std::string& path : volume::nested_subvolumes(subvolume)) {
        add(Fd(::openat(subvolume, path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
                .get());
    }
    return all;
}

void add_to(std::optional<std::uint64_t>& sum, std::uint64_t bytes) {
    sum = sum.value_or(0) + bytes;
}

/// What quota says of the subvolume; the group of the subtree where there is one.
Usage usage_of_group(const volume::QuotaTable& quota, int subvolume) {
    Usage usage;
    const std::uint64_t id = volume::subvolume_id(subvolume);
    const std::uint64_t group = quota.subtree_group(id);
    const volume::Qgroup* counted = quota.find(group);
    if (counted == nullptr) {
        return usage;
    }
    usage.limit = counted->limit;
    usage.exclusive_limit = counted->exclusive_limit;
    if (!quota.settled) {
        return usage;
    }
    if (quota.simple) {
        usage.exclusive = counted->exclusive;
    } else if (group != id) {
        usage.total = counted->referenced;
        usage.exclusive = counted->exclusive;
    } else {
        for (const volume::SubvolumeInfo& one : with_nested(subvolume)) {
            if (const volume::Qgroup* own = quota.find(one.id)) {
                add_to(usage.total, own->referenced);
                add_to(usage.exclusive, own->exclusive);
            }
        }
    }
    return usage;
}

/// The quota of one file system after the other, each read once.
class Quotas {
public:
    const std::optional<volume::QuotaTable>& of(const std::filesystem::path& pool, int fd) {
        const auto [at, is_new] = tables_.try_emplace(pool);
        if (is_new) {
            at->second = volume::read_quota(fd);
        }
        return at->second;
    }

private:
    std::map<std::filesystem::path, std::optional<volume::QuotaTable>> tables_;
};

Usage known(const Image& image, Quotas& quotas) {
    Usage usage;
    switch (image.type) {
    case ImageType::Raw:
        usage.total = usage.exclusive = image.allocated_bytes;
        usage.limit = usage.exclusive_limit = image.size_bytes;
        break;
    case ImageType::Block:
        usage.total = usage.exclusive = usage.limit = usage.exclusive_limit = device_size(image);
        break;
    case ImageType::Subvolume:
        if (const Fd fd = open_tree(image.path)) {
            if (const auto& quota = quotas.of(image.path.parent_path(), fd.get())) {
                usage = usage_of_group(*quota, fd.get());
            }
        }
        break;
    case ImageType::Directory:
        break;
    }
    return usage;
}

/// What tells a tree from every other, and for a subvolume from itself after any change. No blanks.
struct State {
    std::string text;
    bool is_proof = false;
};

State state_of(const Image& image) {
    if (image.subvolume) {
        try {
            std::string text = "subvolume";
            const Fd fd = open_tree(image.path);
            for (const volume::SubvolumeInfo& one : with_nested(fd.get())) {
                text += fmt::format(":{:02x}:{}", fmt::join(one.uuid, ""), one.generation);
            }
            return {std::move(text), true};
        } catch (const Error&) { // we may not see what is nested in it
        }
    }
    return {fmt::format("inode:{}:{}", image.id.inode, image.born_ns), false};
}

/// One tree whose usage only a walk tells.
struct Walked {
    std::size_t number; ///< of the image
    State state;
};

bool is_tree(const Image& image) noexcept {
    return image.type == ImageType::Directory || image.type == ImageType::Subvolume;
}

class Finder {
public:
    Finder(const std::vector<Image>& images, const UsageQuestion& question)
        : images_(images), question_(question), cache_(question.cache) {}

    std::vector<Usage> run(const std::stop_token& stop) {
        usages_.reserve(images_.size());
        for (std::size_t i = 0; i < images_.size(); ++i) {
            usages_.push_back(known(images_[i], quotas_));
            if (is_tree(images_[i]) && !usages_.back().total) {
                recall(i);
            }
        }
        walk(stop);
        cache_.save();
        return std::move(usages_);
    }

private:
    void recall(std::size_t number) {
        const Image& image = images_[number];
        State state = state_of(image);
        const CachedUsage* before = cache_.find(image.path.string());
        const bool same = before != nullptr && before->state == state.text;
        // A subvolume that has changed since is still the same tree, whose last walk counts.
        const bool is_there =
            same || (before != nullptr && state.is_proof &&
                     before->state.substr(0, kUuidEnd) == state.text.substr(0, kUuidEnd));
        if (is_there) {
            usages_[number].total = before->size_bytes;
            usages_[number].as_of =
                same && state.is_proof ? std::nullopt : std::optional(before->as_of);
        }
        const bool current = same && state.is_proof;
        if ((question_.walks == Walks::All && !current) ||
            (question_.walks == Walks::Missing && !is_there)) {
            to_walk_.push_back({number, std::move(state)});
        }
    }

    void walk(const std::stop_token& stop) {
        if (to_walk_.empty()) {
            return;
        }
        std::vector<std::filesystem::path> roots;
        for (const Walked& tree : to_walk_) {
            roots.push_back(images_[tree.number].path);
        }
        volume::MeasureOptions options;
        if (question_.walks == Walks::Missing) {
            options.deadline = std::chrono::steady_clock::now() + question_.patience;
        }
        const auto sizes = volume::measure_trees(roots, options, stop);
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            if (sizes[i]) {
                Usage& usage = usages_[to_walk_[i].number];
                usage.total = sizes[i];
                usage.as_of.reset();
                cache_.put(roots[i].string(), {to_walk_[i].state.text, *sizes[i], question_.now});
            }
        }
    }

    // "subvolume:" and 32 digits.
    static constexpr std::size_t kUuidEnd = 10 + 32;

    const std::vector<Image>& images_;
    const UsageQuestion& question_;
    UsageCache cache_;
    Quotas quotas_;
    std::vector<Usage> usages_;
    std::vector<Walked> to_walk_;
};

} // namespace

Usage known_usage(const Image& image) noexcept {
    try {
        Quotas quotas;
        return known(image, quotas);
    } catch (const std::exception&) {
        return {};
    }
}

std::vector<Usage> find_usage(const std::vector<Image>& images, const UsageQuestion& question,
                              const std::stop_token& stop) {
    return Finder(images, question).run(stop);
}

Usage pool_usage(const Pool& pool) {
    Usage usage;
    if (!volume::is_subvolume(pool.fd())) {
        return usage;
    }
    const auto quota = volume::read_quota(pool.fd());
    const std::uint64_t id = quota ? volume::subvolume_id(pool.fd()) : 0;
    const volume::Qgroup* counted = quota ? quota->find(quota->subtree_group(id)) : nullptr;
    if (counted != nullptr) {
        usage.limit = counted->limit;
        usage.exclusive_limit = counted->exclusive_limit;
        if (quota->settled) {
            usage.total = counted->referenced;
            usage.exclusive = counted->exclusive;
        }
    }
    return usage;
}

} // namespace slipway::storage
