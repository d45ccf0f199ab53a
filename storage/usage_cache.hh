// What walks have found, from one program to the next. A file of lines, replaced as a whole; one
// that is damaged is as good as none.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace slipway::storage {

struct CachedUsage {
    /// Of the tree when it was walked: another state is another tree. The cache's, while that
    /// lives.
    std::string_view state;
    std::uint64_t size_bytes = 0;
    std::chrono::sys_seconds as_of{};
};

class UsageCache {
public:
    /// @param file  empty: nothing is kept
    explicit UsageCache(std::filesystem::path file);
    UsageCache(const UsageCache&) = delete;
    UsageCache& operator=(const UsageCache&) = delete;

    /// @param path  the image's
    const CachedUsage* find(const std::string& path) const;
    /// @param usage  its state is copied
    void put(const std::string& path, CachedUsage usage);
    /// Writes what is new. Its directory is made (0700) when it is missing. What cannot be written
    /// is left: the next walk finds it again.
    void save() noexcept;

private:
    void load();
    std::string text() const;

    std::filesystem::path file_;
    std::string content_; ///< of the file: most entries are of other pools and only parsed
    std::deque<std::string> added_; ///< what put() was given
    std::unordered_map<std::string_view, CachedUsage> entries_;
    bool changed_ = false;
};

} // namespace slipway::storage
