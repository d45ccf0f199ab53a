// Shared steps of the tests of disks and siblings.

#include "tests/storage/disk_fixture.hh"

#include <set>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "storage/pool.hh"

namespace slipway::tests {
namespace {

std::string describe(const std::filesystem::path& path) {
    struct stat info {};
    const std::string name = path.filename().string();
    if (::lstat(path.c_str(), &info) < 0) {
        return name + " is gone";
    }
    if (S_ISLNK(info.st_mode)) {
        return fmt::format("{} -> {}", name, std::filesystem::read_symlink(path).string());
    }
    if (S_ISREG(info.st_mode)) {
        return fmt::format("{}{}: {}", name, (info.st_mode & 0222U) == 0 ? " ro" : "",
                           read_file(path));
    }
    const std::filesystem::path id = path / "id";
    return fmt::format("{}/: {}", name, std::filesystem::exists(id) ? read_file(id) : "");
}

} // namespace

storage::StagingSpec disk(const std::string& name, storage::Replace replace,
                          storage::ReadOnly read_only) {
    storage::StagingSpec what = spec(name, replace, read_only);
    what.kind = storage::ImageKind::Disk;
    return what;
}

void write_to(int fd, const std::string& content) {
    for (std::size_t done = 0; done < content.size();) {
        const ssize_t size = ::write(fd, content.data() + done, content.size() - done);
        if (size < 0) {
            throw errno_error("cannot write into the staging");
        }
        done += static_cast<std::size_t>(size);
    }
}

void fill_with(storage::Staging& staging, storage::ImageKind kind, const std::string& content,
               const Siblings& siblings) {
    if (kind == storage::ImageKind::Disk) {
        write_to(staging.root(), content);
    } else {
        fill(staging, content);
    }
    for (const auto& [sibling, text] : siblings) {
        write_to(staging.add_sibling(sibling), text);
    }
}

std::filesystem::path store_with(const storage::Pool& pool, const storage::StagingSpec& what,
                                 const std::string& content, const Siblings& siblings) {
    storage::Staging staging(pool, what);
    fill_with(staging, what.kind, content, siblings);
    return std::move(staging).commit(accepted(), {R"({"source":"test"})"}, {});
}

std::string contents_of(const std::filesystem::path& pool) {
    std::set<std::string> lines;
    for (const auto& entry : std::filesystem::directory_iterator(pool)) {
        lines.insert(describe(entry.path()));
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string origin_of(const std::filesystem::path& image) {
    std::string value(storage::kMaxProvenanceBytes, '\0');
    const ssize_t size =
        ::getxattr(image.c_str(), storage::kOriginAttribute, value.data(), value.size());
    return size < 0 ? "" : value.substr(0, static_cast<std::size_t>(size));
}

} // namespace slipway::tests
