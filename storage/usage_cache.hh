// What walks have found, from one program to the next. A file of lines, replaced as a whole; one
// that is damaged is as good as none.

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

namespace slipway::storage {

struct CachedUsage {
    std::string state; ///< of the tree when it was walked: another state is another tree
    std::uint64_t size_bytes = 0;
    std::chrono::sys_seconds as_of{};
};

class UsageCache {
public:
    /// @param file  empty: nothing is kept
    explicit UsageCache(std::filesystem::path file);

    /// @param path  the image's
    const CachedUsage* find(const std::string& path) const;
    void put(const std::string& path, CachedUsage usage);
    /// Writes what is new. Its directory is made (0700) when it is missing. What cannot be written
    /// is left: the next walk finds it again.
    void save() noexcept;

private:
    void load();
    std::string text() const;

    std::filesystem::path file_;
    std::unordered_map<std::string, CachedUsage> entries_;
    bool changed_ = false;
};

} // namespace slipway::storage
