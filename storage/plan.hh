// What a job changes in a pool beside the one rename that decides it. Written and synced before
// the first change, so that whoever comes after a crash can undo (before the decision) or complete
// (after it). Format and crash states: docs/on-disk.md.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/hidden.hh"
#include "storage/pool.hh"
#include "storage/sibling.hh"

namespace slipway::storage {

/// A file that gets another name where it lies.
struct MovedFile {
    std::string directory; ///< absolute; empty: the pool
    std::string from;
    std::string to;
    std::string identity;
    bool operator==(const MovedFile&) const = default;
};

struct Plan {
    // The image that appears; both empty for a removal.
    std::string name;       ///< its entry in the pool
    std::string fresh;      ///< identity of the staging that becomes it
    bool read_only = false; ///< it is a directory that gets the immutable flag
    // The image that goes; both empty when none does.
    std::string old_name;       ///< its entry: `name`, or another when raw and tree change places
    std::string old;            ///< its identity
    bool old_immutable = false; ///< its flag stands in the way of the rename
    std::string becomes{};      ///< its new entry, when it does not go but is renamed
    // Files beside the image. None of them changes before the decision.
    std::vector<NamedFile> appear{};   ///< under their final names, hidden ones until then; with
                                       ///< a whole path in a directory of the administrator
    std::vector<NamedFile> go{};       ///< what is removed, or makes way for one that appears
    std::vector<NamedFile> settings{}; ///< what goes in the directories of the administrator
    std::vector<MovedFile> move{};     ///< what gets the new name with its image

    /// Whether two names change: a tree takes the place of NAME.raw, or a raw that of a tree.
    bool takes_other_name() const noexcept {
        return !name.empty() && !old_name.empty() && old_name != name;
    }
    bool changes_siblings() const noexcept {
        return !appear.empty() || !go.empty() || !settings.empty() || !move.empty();
    }
    /// Whether more has to change than one rename does.
    bool is_needed() const noexcept {
        return read_only || old_immutable || takes_other_name() || changes_siblings();
    }
    bool operator==(const Plan&) const = default;
};

std::string to_text(const Plan& plan);
/// Nothing for a text that was not written to its end.
std::optional<Plan> parse_plan(const std::string& text);

/// Writes the plan, durably.
/// @throws Error
void write_plan(int pool, const HiddenNames& names, const Plan& plan);
std::optional<Plan> find_plan(int pool, const HiddenNames& names);

/// Whether the rename that decides has taken place. `Neither`: what the plan speaks of is gone.
enum class Decision { Undecided, Decided, Neither };
Decision decision(int pool, const HiddenNames& names, const Plan& plan);

/// What has to be done before the rename: the immutable flag of the old image is cleared.
void prepare(int pool, const Plan& plan);

/// After the rename: takes away the old name, where it is another one, removes the siblings that
/// go, names those that appear and moves those that move, and sets the flag of the image that is
/// there now. Can be repeated. What has come to stand under one of the names since the plan was
/// made is left alone.
/// @throws Error
void complete(const Pool& pool, const HiddenNames& names, const Plan& plan);

/// Before the rename: gives the old image its flag back. Can be repeated.
/// @throws Error
void undo(int pool, const Plan& plan);

} // namespace slipway::storage
