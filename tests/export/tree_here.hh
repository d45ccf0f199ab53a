// The room's work in the test's own process, without fences.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "export/write_tar.hh"

namespace slipway::tests {

struct TarHere {
    std::string bytes;
    exports::WrittenTar written;
    std::vector<std::string> warnings;
};

/// The tar of a tree. The working directory is put back.
TarHere tar_of(const std::filesystem::path& tree, bool privileged = false);

} // namespace slipway::tests
