// Deaths at every step of a job, and of the sweep that comes after it.

#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "storage/pool.hh"
#include "tests/storage/volume.hh"

namespace slipway::tests {

struct Story {
    const char* what;
    std::function<void(const storage::Pool&)> before; ///< makes the old state
    std::function<void(const storage::Pool&)> act;
    bool always_there; ///< whether an image 'web' can be found at every instant
};

/// The directory in which the pool of a story has the administrator's settings.
std::filesystem::path settings_of(const std::filesystem::path& pool);

/// What is seen of a pool: two in the same state give the same text.
using Look = std::function<std::string(const std::filesystem::path&)>;

/// Tells the story again and again, killed before its first, second … step, each time followed by
/// a sweep: which leaves the old state or the new one, and from some step on always the new one.
void die_at_every_step(const Scratch& volume, const Story& story, const Look& look);

/// The same where the sweep is killed, too, at every `stride`-th step, and another follows.
void die_in_the_sweep_as_well(const Scratch& volume, const Story& story, const Look& look,
                              unsigned stride = 2);

} // namespace slipway::tests
