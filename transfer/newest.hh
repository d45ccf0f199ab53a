// The newest signature that was accepted from each place (docs/on-disk.md): an older one may be an
// old copy that somebody plays back, or a mirror that lags behind.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::transfer {

struct NewestSignature {
    std::int64_t signed_at = 0; ///< seconds since 1970
    std::string key;            ///< primary fingerprint
    std::string document;       ///< masked URL
};

class NewestSignatures {
public:
    /// @param directory  made when something is remembered; empty: nothing ever is
    explicit NewestSignatures(std::filesystem::path directory) : directory_(std::move(directory)) {}

    /// Nothing for a place that is new, or whose record cannot be read.
    /// @param place  verify::Statement::freshness
    std::optional<NewestSignature> find(std::string_view place) const;

    /// Keeps it where none newer is kept. Several jobs may do so at once: the last word is one of
    /// theirs, whole.
    /// @throws Error  it cannot be kept
    void remember(std::string_view place, const NewestSignature& signature) const;

private:
    std::filesystem::path directory_;
};

/// The file of a place, below the directory: its URL as directories, each name escaped, so that a
/// person finds and removes it.
std::filesystem::path newest_file(std::string_view place);

} // namespace slipway::transfer
