// One image on its way in: its pool, its name, its staging, from the first check to the commit.
// What pull and import share, whether a tree or a disk arrives.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "pull/wire.hh"
#include "storage/staging.hh"
#include "transfer/delivery.hh"
#include "transfer/input.hh"
#include "transfer/job.hh"
#include "transfer/preflight.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

class Arrival {
public:
    /// Settles the name, opens the pool and makes the staging: who cannot have the name or the
    /// pool is told before anything is fetched.
    /// @throws Error  InvalidArgument, NotFound, Exists, Busy, Denied, NoSpace
    explicit Arrival(const Job& job);

    /// Before the first byte; says what may not fit.
    /// @param packed_bytes  the input's length where it is known
    /// @throws Error  NoSpace, Denied: see preflight.hh
    void check_space(std::optional<std::uint64_t> packed_bytes) const;

    const storage::ImageName& name() const noexcept { return name_; }
    storage::Staging& staging() noexcept { return *staging_; }
    /// Where the image goes. Borrowed, until start_over().
    Target target() const;
    /// When the source was made, where that is known: a disk keeps it. A tree has times of its own.
    void keep_time(const std::optional<ModificationTime>& modified);
    /// How to unpack for this judge.
    pull::UnpackRequest unpack_request(const verify::Judge& judge, std::string input_name) const;

    /// Throws away what is staged and begins again with an empty staging.
    void start_over();

    /// To be called in a catch block around the unpacking: says that nothing was stored, and of a
    /// full volume which one it is and what it has left, as long as it is full.
    void explain(Error& error) const;

    /// Makes the image appear.
    /// @param source    masked URL or path
    /// @param siblings  what was brought beside it
    Ended commit(const verify::Judge& judge, const Verdict& verdict,
                 const pull::UnpackDone& unpacked, std::string source,
                 const std::vector<storage::Sibling>& siblings = {}) &&;

private:
    void make_staging();
    storage::StagingSpec spec() const;
    Volume volume() const;
    /// Says what may not fit.
    void doubt(std::uint64_t size_bytes) const;
    void tell(const verify::Judge& judge, const Verdict& verdict,
              const pull::UnpackDone& unpacked) const;

    const Job& job_;
    storage::ImageName name_;
    storage::Pool pool_;
    std::optional<storage::Staging> staging_;
    Fd scratch_; ///< of a disk
};

} // namespace slipway::transfer
