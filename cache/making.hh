// An entry in the making: hidden in the cache (".#slipway-ID") until it is published, and gone with
// this object, or with the next sweep, when it is not.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.hh"
#include "cache/publication.hh"
#include "cache/store.hh"
#include "stream/algorithm.hh"

namespace slipway::cache {

class Making {
public:
    /// @param id  of the job: no other has it
    /// @throws Error
    Making(const Store& store, std::string_view id);
    ~Making();
    Making(const Making&) = delete;
    Making& operator=(const Making&) = delete;

    /// An empty file for the content, opened for writing. Once.
    Fd make_content() const;
    /// An empty file of the publication, opened for writing, under a name that no other has.
    struct NewFile {
        std::string name;
        Fd fd;
    };
    NewFile make_file();
    /// What was made under a name of make_file() is not wanted any more.
    void drop_file(const std::string& name) const noexcept;
    /// A document, as it came. Returns its file's name.
    std::string add_text(std::string_view text);

    /// How much it takes so far.
    std::uint64_t room_bytes() const;

    /// Makes the entry appear, in one step. Where the content is there already the publication is
    /// added to it, in the place of an older one from the same address.
    /// @param size_bytes  of the content
    /// @throws Error  nothing was published
    void publish(const Publication& publication, std::uint64_t size_bytes,
                 const stream::Digests& digests);

private:
    void add_to(const std::string& entry, const std::string& place) const;

    int cache_;
    std::string name_;
    Fd directory_; ///< locked
    Fd place_;     ///< of the publication
    unsigned files_ = 0;
};

} // namespace slipway::cache
