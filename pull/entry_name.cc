// Every part is looked at: openat2(2) would confine ".." as well, but an archive that holds it
// means something that nobody here can mean.

#include "pull/entry_name.hh"

#include <algorithm>

#include "base/error.hh"

namespace slipway::pull {

EntryName EntryName::parse(std::string_view bytes, std::size_t max_depth) {
    if (bytes.empty()) {
        throw Error(Kind::Corrupt, "its name is empty");
    }
    if (bytes.find('\0') != std::string_view::npos) {
        throw Error(Kind::Corrupt, "its name holds a NUL byte");
    }
    EntryName name;
    name.path_.reserve(bytes.size());
    std::size_t depth = 0;
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, bytes.find('/'));
        bytes.remove_prefix(std::min(bytes.size(), part.size() + 1));
        if (part.empty() || part == ".") {
            continue;
        }
        if (part == "..") {
            throw Error(Kind::Corrupt, "its name holds '..', which no name in an image may");
        }
        if (part.size() > kMaxPartBytes) {
            throw Error(Kind::Corrupt,
                        "a part of its name is {} bytes long; a file system takes {}", part.size(),
                        kMaxPartBytes);
        }
        if (!name.path_.empty()) {
            name.path_ += '/';
        }
        name.base_ = name.path_.size();
        name.path_ += part;
        ++depth;
    }
    if (name.path_.size() > kMaxBytes) {
        throw Error(Kind::Corrupt, "its name is {} bytes long; the kernel takes {}",
                    name.path_.size(), kMaxBytes);
    }
    if (depth > max_depth) {
        throw Error(Kind::Limit, "it lies {} directories deep; the limit on depth is {}", depth,
                    max_depth);
    }
    return name;
}

std::string_view EntryName::directory() const noexcept {
    return std::string_view(path_).substr(0, base_ == 0 ? 0 : base_ - 1);
}

} // namespace slipway::pull
