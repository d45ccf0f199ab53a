// A kept download: the bytes as they were published, and for each place that they came from what
// lay beside them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hh"
#include "cache/publication.hh"
#include "stream/algorithm.hh"

namespace slipway::cache {

/// Locked shared as long as it lives: nobody removes it meanwhile.
class Entry {
public:
    /// The entry of this name in the cache; nothing when there is none, when it is being removed,
    /// or when it is no whole one.
    static std::optional<Entry> find(int cache, const std::string& name);

    /// "sha256-HEX".
    const std::string& name() const noexcept { return name_; }
    /// SHA-256 of the content, and others that were computed. What the file holds now has to be
    /// computed anew.
    const stream::Digests& digests() const noexcept { return digests_; }
    const std::string& sha256() const { return digests_.at(stream::Algorithm::Sha256); }
    /// Of the content.
    std::uint64_t size_bytes() const noexcept { return size_bytes_; }
    /// Of all files in it.
    std::uint64_t room_bytes() const;
    std::int64_t used_at() const noexcept { return used_at_; } ///< seconds since 1970

    /// Newest first.
    const std::vector<Publication>& publications() const noexcept { return publications_; }
    /// Null: it did not come from there.
    const Publication* publication_at(std::string_view address) const noexcept;

    /// The content, read from its start. Empty when it cannot be opened or has not the size that it
    /// should have.
    Fd open_content() const;
    /// A file of one of the publications; empty when it cannot be opened.
    Fd open_file(const Publication& publication, const std::string& file) const;

    /// Notes that it is used now. That it cannot be noted is nobody's trouble.
    void touch() const noexcept;

    int fd() const noexcept { return directory_.get(); }

private:
    Entry(std::string name, Fd directory)
        : name_(std::move(name)), directory_(std::move(directory)) {}
    bool read();

    std::string name_;
    Fd directory_; ///< with the lock
    stream::Digests digests_;
    std::uint64_t size_bytes_ = 0;
    std::int64_t used_at_ = 0;
    std::vector<Publication> publications_;
};

/// What an entry says of its content, as its file holds it.
std::string entry_json(std::uint64_t size_bytes, const stream::Digests& digests);

inline constexpr const char* kContentFile = "content";
inline constexpr const char* kEntryFile = "entry.json";
inline constexpr const char* kPublicationFile = "publication.json";

} // namespace slipway::cache
