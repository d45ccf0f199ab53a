// Copies of trees, as the tests make them.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.hh"
#include "tests/storage/volume.hh"
#include "volume/copy_tree.hh"

namespace slipway::tests {

using Lines = std::vector<std::string>;

Fd open_tree(const std::filesystem::path& path);

/// Copies `from` into `to`, which is made when it is not there.
volume::CopiedTree make_copy(const std::filesystem::path& from, const std::filesystem::path& to,
                             const volume::CopyOptions& options = {},
                             const std::stop_token& stop = {});

/// How the tree `to` differs from `from`.
Lines copy_differences(const std::filesystem::path& from, const std::filesystem::path& to);

/// An empty source, and the path of a copy, on volumes of these kinds.
struct Between {
    Between(const std::string& from_kind, const std::string& to_kind);
    Scratch from_volume;
    Scratch to_volume;
    std::filesystem::path from = from_volume / "from";
    std::filesystem::path to = to_volume / "to";
};

} // namespace slipway::tests
