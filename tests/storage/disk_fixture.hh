// What the tests of disks and siblings have in common.

#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "storage/staging.hh"
#include "tests/storage/fixture.hh"

namespace slipway::tests {

/// What lies beside an image, by kind.
using Siblings = std::map<storage::Sibling, std::string>;

/// A request to store the disk `name`.
storage::StagingSpec disk(const std::string& name, storage::Replace replace = storage::Replace::No,
                          storage::ReadOnly read_only = storage::ReadOnly::No);

void write_to(int fd, const std::string& content);

/// Fills a staging of either kind: the disk, or the tree's file "id", has that content.
void fill_with(storage::Staging& staging, storage::ImageKind kind, const std::string& content,
               const Siblings& siblings);

/// Stores an image of either kind with its siblings.
std::filesystem::path store_with(const storage::Pool& pool, const storage::StagingSpec& what,
                                 const std::string& content, const Siblings& siblings = {});

/// All that stands in a pool, one entry a line, in order: "web.raw ro: content", a tree with the
/// content of its "id".
std::string contents_of(const std::filesystem::path& pool);

/// "user.slipway.origin" of an image; "" when it has none.
std::string origin_of(const std::filesystem::path& image);

} // namespace slipway::tests
