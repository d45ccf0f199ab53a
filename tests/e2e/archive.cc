// Archives of the real tar, and trees to put in them.

#include "tests/e2e/archive.hh"

#include <map>
#include <random>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "tests/support/programs.hh"

namespace slipway::tests {
namespace {

namespace fs = std::filesystem;

void add_os_release(const fs::path& root) {
    fs::create_directories(root / "usr/lib");
    write_file(root / "usr/lib/os-release", "ID=test\n");
}

std::vector<std::string> compressor(const std::string& suffix) {
    static const std::map<std::string, std::vector<std::string>> kCommands{
        {".gz", {"gzip", "-1", "-n"}},
        {".xz", {"xz", "-0"}},
        {".zst", {"zstd", "-1", "-q"}},
        {".bz2", {"bzip2", "-1"}},
        {".lz4", {"lz4", "-1", "-q"}}};
    return kCommands.at(suffix);
}

} // namespace

std::string pack(const fs::path& tree, const std::string& suffix) {
    const TempDir place;
    const std::string file = place / "archive";
    run_ok({"tar", "--create", "--file=" + file, "--format=pax", "--numeric-owner", "--xattrs",
            "--xattrs-include=*", "--acls", "--sparse", "--sort=name",
            "--directory=" + tree.string(), "."});
    return compress(read_file(file), suffix);
}

std::string compress(const std::string& bytes, const std::string& suffix) {
    if (suffix.empty()) {
        return bytes;
    }
    RunOptions options;
    options.input = bytes;
    std::vector<std::string> command = compressor(suffix);
    command.emplace_back("-c");
    return run_ok(command, options);
}

void make_plain_tree(const fs::path& root, int files) {
    add_os_release(root);
    for (int i = 0; i < files; ++i) {
        const fs::path directory = root / fmt::format("d{:03}", i / 100);
        if (i % 100 == 0) {
            fs::create_directory(directory);
        }
        write_file(directory / fmt::format("f{:05}", i), fmt::format("content of file {}\n", i));
    }
}

void make_large_tree(const fs::path& root, std::uint64_t size_bytes) {
    add_os_release(root);
    std::string blob(size_bytes, '\0');
    std::mt19937_64 random(size_bytes);
    for (std::size_t i = 0; i + 8 <= blob.size(); i += 8) {
        const std::uint64_t word = random();
        blob.replace(i, 8, reinterpret_cast<const char*>(&word), 8);
    }
    write_file(root / "blob", blob);
}

std::string sha256_of(const std::string& bytes) {
    RunOptions options;
    options.input = bytes;
    return run_ok({"sha256sum"}, options).substr(0, 64);
}

} // namespace slipway::tests
