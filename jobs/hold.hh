// Which images a job is about, so that no two jobs are at odds over one: decided when the second is
// submitted, not after its download.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "transfer/request.hh"

namespace slipway::jobs {

enum class Hold {
    Reads,   ///< several may at once
    Brings,  ///< makes an image of that name
    Changes, ///< alters, moves or removes the one that has it
};

/// A name; the empty one is the pool itself.
struct HeldImage {
    std::string name;
    Hold hold = Hold::Brings;
    friend bool operator==(const HeldImage&, const HeldImage&) = default;
};

/// Of a request whose name is settled.
std::vector<HeldImage> held_by(const transfer::Request& request);

/// What is looked at of the jobs that are there.
struct Holding {
    std::uint32_t number = 0;
    std::uint32_t uid = 0;
    std::string pool;
    std::vector<HeldImage> images;
    std::string verb;
    std::string url; ///< of a pull, as given
};

/// A submission that stands behind another job.
class Taken : public Error {
public:
    Taken(Kind kind, std::uint32_t holder, const std::string& text)
        : Error(kind, "{}", text), holder_(holder) {}
    std::uint32_t holder() const noexcept { return holder_; }

private:
    std::uint32_t holder_;
};

/// Why these images of that pool cannot be had beside the job: Exists where both bring an image of
/// one name, else Busy. Nothing where they can.
std::optional<Taken> find_conflict(const std::string& pool, const std::vector<HeldImage>& images,
                                   const Holding& job);

} // namespace slipway::jobs
