// What the tests of the store have in common.

#pragma once

#include <filesystem>
#include <string>

#include "base/error.hh"
#include "base/verdict.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/support/temp_pool.hh"

namespace slipway::tests {

/// Matches an Error of that kind with exactly that message.
inline auto failure(Kind kind, const std::string& text) {
    return Catch::Matchers::Predicate<Error>(
        [kind, text](const Error& error) { return error.kind() == kind && error.what() == text; },
        "kind " + std::string(word(kind)) + ", text: " + text);
}

/// The same where only a part of the message is known.
inline auto failure_with(Kind kind, const std::string& part) {
    return Catch::Matchers::Predicate<Error>(
        [kind, part](const Error& error) {
            return error.kind() == kind &&
                   std::string(error.what()).find(part) != std::string::npos;
        },
        "kind " + std::string(word(kind)) + ", with: " + part);
}

/// A job's number that no other test uses.
std::string next_id();

/// A request to store `name`.
storage::StagingSpec spec(const std::string& name, storage::Replace replace = storage::Replace::No,
                          storage::ReadOnly read_only = storage::ReadOnly::No);

/// The verdict of --verify=no.
Verdict accepted();

/// Stores a tree with one file "id" of that content under a name.
std::filesystem::path store(const storage::Pool& pool, const storage::StagingSpec& what,
                            const std::string& content);

/// Puts the file "id" into a staging, and with it `extra` files.
void fill(const storage::Staging& staging, const std::string& content, int extra = 0);

/// All that stands in a pool, one entry a line, in order: name, "directory", "subvolume" or "file",
/// "ro" for a read-only mark, the content of "id". Two pools in the same state give the same text.
std::string state_of(const std::filesystem::path& pool);

/// Names in a directory, joined by blanks, in order.
std::string names_in(const std::filesystem::path& directory);

bool is_immutable(const std::filesystem::path& path);
void set_immutable(const std::filesystem::path& path, bool immutable);

} // namespace slipway::tests
