// The files of the source tree, for checks that read all of them.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace slipway::tests {

struct SourceFile {
    std::string path; ///< relative to the top of the tree
    std::string text;
};

/// The top of the source tree; comes in the variable SLIPWAY_SOURCES.
std::filesystem::path source_root();

/// Every file of ours, in the order of their paths: no hidden folders but .ci, no build folders.
std::vector<SourceFile> all_files();

/// Those that end in .cc or .hh.
std::vector<SourceFile> cxx_files();

} // namespace slipway::tests
