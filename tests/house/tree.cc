// Walks the source tree.

#include "tests/house/tree.hh"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/programs.hh"

namespace slipway::tests {
namespace {

bool is_ours(const std::filesystem::path& directory) {
    const std::string name = directory.filename();
    const bool hidden = name.starts_with('.') && name != ".ci";
    return !hidden && !name.starts_with("build") && name != "demo-cache" && name != "__pycache__";
}

bool is_text(const std::string& content) {
    return content.find('\0') == std::string::npos;
}

} // namespace

std::filesystem::path source_root() {
    const char* root = std::getenv("SLIPWAY_SOURCES");
    if (root == nullptr) {
        throw std::runtime_error("SLIPWAY_SOURCES is not set; run the tests through meson");
    }
    return root;
}

std::vector<SourceFile> all_files() {
    namespace fs = std::filesystem;
    const fs::path root = source_root();
    std::vector<SourceFile> files;
    for (fs::recursive_directory_iterator entry(root), end; entry != end; ++entry) {
        if (entry->is_directory() && !is_ours(entry->path())) {
            entry.disable_recursion_pending();
        }
        if (!entry->is_regular_file() || entry->is_symlink()) {
            continue;
        }
        std::string text = read_file(entry->path());
        if (is_text(text)) {
            files.push_back({entry->path().lexically_relative(root), std::move(text)});
        }
    }
    std::sort(files.begin(), files.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

std::vector<SourceFile> cxx_files() {
    std::vector<SourceFile> files = all_files();
    std::erase_if(files, [](const SourceFile& file) {
        return !file.path.ends_with(".cc") && !file.path.ends_with(".hh");
    });
    return files;
}

} // namespace slipway::tests
