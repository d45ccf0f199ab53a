// One name after the other from a directory into its copy.

#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include "volume/copy_contents.hh"
#include "volume/copy_metadata.hh"
#include "volume/copy_queue.hh"
#include "volume/copy_tree.hh"
#include "volume/link_table.hh"

namespace slipway::volume {

/// What the workers of one copy have in common.
struct CopyShared {
    CopyShared(int from, int to, const CopyOptions& asked, const std::stop_token& stop)
        : source(from), target(to), options(asked), metadata(to, asked.unsupported), queue(stop),
          links(queue.token()) {}

    int source;
    int target;
    const CopyOptions& options;
    MetadataWriter metadata;
    CopyQueue queue;
    LinkTable links;
    CopyWays ways{};
    std::atomic<std::uint64_t> size_bytes{0};
    std::atomic<std::uint64_t> entries{0};
    std::atomic<std::uint64_t> files{0};
    std::atomic<std::uint64_t> shared_files{0};
    std::mutex mutex{}; ///< of what follows
    CopiedTree tree{};  ///< its lists; its numbers are above until the end

    /// One more of those, at that path.
    void note(Occurrences CopiedTree::*what, const std::string& path, std::uint64_t count = 1);
    void note_not_entered(const std::string& path);
};

/// A directory and its copy, open.
struct CopyPlace {
    CopyDirectory& directory;
    int source;
    int target;
};

/// One thread.
class EntryCopier {
public:
    /// @param shared  outlives it
    explicit EntryCopier(CopyShared& shared)
        : shared_(shared), contents_(shared.ways, shared.size_bytes, shared.queue.token()) {}

    enum class Below { Nothing, Directory };

    /// Copies the entry; of a directory only makes an empty one, and says that it is to be filled:
    /// `made` is then what it gets in the end.
    /// @param type  DT_*, a hint
    Below copy(const CopyPlace& place, const std::string& name, unsigned char type, Metadata& made);

private:
    enum class Done { Yes, AnotherType };

    Done copy_file(const CopyPlace& place, const std::string& name);
    Done copy_other(const CopyPlace& place, const std::string& name, const struct statx& info);
    Below make_directory(const CopyPlace& place, const std::string& name, const struct statx& info,
                         Metadata& made);
    void fill_file(int from, const struct statx& info, int to, const std::string& path);
    void make_stand_in(const CopyPlace& place, const std::string& name);
    bool is_first_name(const CopyPlace& place, const std::string& name, const struct statx& info);
    Done appeared_again(const CopyPlace& place, const std::string& name, const struct statx& info,
                        std::string_view what);
    void made(const CopyPlace& place, const std::string& name, const struct statx& info);
    void vanished(const CopyPlace& place, const std::string& name);

    CopyShared& shared_;
    ContentCopier contents_;
};

/// "usr/lib" and "x" make "usr/lib/x".
std::string path_below(const std::string& directory, std::string_view name);

} // namespace slipway::volume
