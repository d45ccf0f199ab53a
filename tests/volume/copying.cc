// Through descriptors, as the keeper does it.

#include "tests/volume/copying.hh"

#include <fcntl.h>

#include "tests/catch.hh"
#include "tests/support/tree.hh"

namespace slipway::tests {

Fd open_tree(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(fd);
    return fd;
}

volume::CopiedTree make_copy(const std::filesystem::path& from, const std::filesystem::path& to,
                             const volume::CopyOptions& options, const std::stop_token& stop) {
    std::filesystem::create_directory(to);
    const Fd source = open_tree(from);
    const Fd target = open_tree(to);
    return volume::copy_tree(source.get(), target.get(), options, stop);
}

Lines copy_differences(const std::filesystem::path& from, const std::filesystem::path& to) {
    return tree_differences(read_tree(from), read_tree(to));
}

Between::Between(const std::string& from_kind, const std::string& to_kind)
    : from_volume(from_kind), to_volume(to_kind) {
    std::filesystem::create_directory(from);
}

} // namespace slipway::tests
