// The bytes of a file: shared where the file system can share them, else copied inside the kernel
// where it can do that, else read and written. Holes stay holes.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

#include <sys/stat.h>

namespace slipway::volume {

/// What two file systems can do for each other, found out by the first file that tries. Any number
/// of threads.
struct CopyWays {
    std::atomic<bool> share{true};     ///< FICLONE
    std::atomic<bool> in_kernel{true}; ///< copy_file_range(2)
};

enum class Shared { No, Yes };

/// Copies contents, one file after the other. One thread.
class ContentCopier {
public:
    /// @param ways        outlives it
    /// @param size_bytes  counts what has been copied
    ContentCopier(CopyWays& ways, std::atomic<std::uint64_t>& size_bytes, std::stop_token stop)
        : ways_(ways), size_bytes_(size_bytes), stop_(std::move(stop)) {}

    /// @param from  at its start
    /// @param info  what statx(2) said of it
    /// @param to    an empty file
    /// @throws Error; Canceled
    Shared copy(int from, const struct statx& info, int to);

private:
    bool share(int from, int to, std::uint64_t size);
    void copy_data(int from, int to, std::uint64_t size);
    bool copy_stretch(int from, int to, off_t at, off_t end);
    std::size_t copy_some(int from, int to, off_t at, std::size_t most);
    std::size_t read_and_write(int from, int to, off_t at, std::size_t most);
    void check_stop() const;

    CopyWays& ways_;
    std::atomic<std::uint64_t>& size_bytes_;
    std::stop_token stop_;
    std::vector<std::byte> buffer_;
};

} // namespace slipway::volume
