// A large file is copied in a second thread, so that the first can tell how far it is.

#include "volume/copy_file.hh"

#include <array>
#include <atomic>
#include <chrono>
#include <future>

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "volume/copy_metadata.hh"
#include "volume/copy_source.hh"

namespace slipway::volume {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

void set_attribute(int fd, const Attribute& attribute) {
    if (::fsetxattr(fd, attribute.name.c_str(), attribute.value.data(), attribute.value.size(),
                    0) == 0) {
        return;
    }
    if (errno == EOPNOTSUPP) {
        throw Error(Kind::Unsupported, "its attribute {} cannot be held by the file system here",
                    quoted(attribute.name));
    }
    throw errno_error("cannot set its attribute {}", quoted(attribute.name));
}

// The owner first, since a new one takes bits of the mode away.
void copy_metadata(const struct statx& info, int from, int to) {
    const Metadata metadata = metadata_of(info);
    if (::fchown(to, metadata.uid, metadata.gid) < 0 || ::fchmod(to, metadata.mode) < 0) {
        throw errno_error("cannot set its owner and mode");
    }
    for (const Attribute& attribute : read_attributes(from)) {
        set_attribute(to, attribute);
    }
    const std::array times{metadata.atime, metadata.mtime};
    if (::futimens(to, times.data()) < 0) {
        throw errno_error("cannot set its times");
    }
}

} // namespace

void copy_file(int from, int to, const std::stop_token& stop) {
    const struct statx info = look_at(from);
    CopyWays ways;
    std::atomic<std::uint64_t> size_bytes{0};
    ContentCopier(ways, size_bytes, stop).copy(from, info, to);
    copy_metadata(info, from, to);
}

CopiedContents copy_large_file(int from, int to,
                               const std::function<void(std::uint64_t)>& on_progress,
                               const std::stop_token& stop) {
    const struct statx info = look_at(from);
    CopyWays ways;
    std::atomic<std::uint64_t> size_bytes{0};
    std::future<Shared> copied = std::async(std::launch::async, [&] {
        return ContentCopier(ways, size_bytes, stop).copy(from, info, to);
    });
    while (copied.wait_for(kProgressInterval) != std::future_status::ready) {
        on_progress(size_bytes);
    }
    const Shared shared = copied.get();
    on_progress(size_bytes);
    return {.size_bytes = size_bytes,
            .shared = shared,
            .changed = !is_same_version(info, look_at(from))};
}

} // namespace slipway::volume
