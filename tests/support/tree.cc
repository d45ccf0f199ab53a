// Everything relative to directory descriptors, so that names may be any bytes and paths any
// length.

#include "tests/support/tree.hh"

#include <algorithm>
#include <array>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"

namespace slipway::tests {
namespace {

std::map<std::string, std::string> read_attributes(int parent, const char* name) {
    // The one way to a name beside a descriptor that does not follow it.
    const std::string path = fmt::format("/proc/self/fd/{}/{}", parent, name);
    std::string list(64 * 1024, '\0');
    const ssize_t size = ::llistxattr(path.c_str(), list.data(), list.size());
    if (size < 0) {
        if (errno == EOPNOTSUPP) {
            return {};
        }
        throw errno_error("cannot list the attributes of {}", quoted(name));
    }
    list.resize(static_cast<std::size_t>(size));
    std::map<std::string, std::string> found;
    for (std::size_t at = 0; at < list.size();
         at += std::char_traits<char>::length(&list[at]) + 1) {
        const std::string key(&list[at]);
        std::string value(64 * 1024, '\0');
        const ssize_t length = ::lgetxattr(path.c_str(), key.c_str(), value.data(), value.size());
        if (length < 0) {
            throw errno_error("cannot read the attribute {} of {}", key, quoted(name));
        }
        value.resize(static_cast<std::size_t>(length));
        // xfs shows every ACL a second time; the label is the host's policy, not the tree's.
        if (!key.starts_with("trusted.SGI_ACL_") && key != "security.selinux") {
            found[key] = value;
        }
    }
    return found;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> read_data_map(int fd, off_t size) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> map;
    for (off_t at = 0; at < size;) {
        const off_t data = ::lseek(fd, at, SEEK_DATA);
        if (data < 0) {
            break;
        }
        const off_t hole = ::lseek(fd, data, SEEK_HOLE);
        map.emplace_back(data, hole);
        at = hole;
    }
    return map;
}

// FNV-1a over all bytes, a stretch of zeros of a hole counted by its length.
std::uint64_t hash_contents(int fd, off_t size) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto mix = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3; };
    std::array<unsigned char, 64 * 1024> block{};
    std::uint64_t zeros = 0;
    for (off_t at = 0; at < size;) {
        const off_t data = ::lseek(fd, at, SEEK_DATA);
        const off_t next = data < 0 ? size : data;
        zeros += static_cast<std::uint64_t>(next - at);
        at = next;
        if (at == size) {
            break;
        }
        const ssize_t got = ::pread(fd, block.data(), block.size(), at);
        if (got <= 0) {
            throw errno_error("cannot read a file to compare it");
        }
        for (ssize_t i = 0; i < got; ++i) {
            const unsigned char byte = block.at(static_cast<std::size_t>(i));
            if (byte == 0) {
                ++zeros;
                continue;
            }
            if (zeros != 0) {
                mix(zeros + 256);
                zeros = 0;
            }
            mix(byte);
        }
        at += got;
    }
    mix(zeros + 256);
    return hash;
}

class Reader {
public:
    Tree read(const std::filesystem::path& root) {
        const Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd) {
            throw errno_error("cannot open {} to compare it", quoted(root.string()));
        }
        add(fd.get(), ".", ".");
        descend(fd.get(), "");
        return std::move(tree_);
    }

private:
    void descend(int directory, const std::string& prefix) {
        DIR* const stream = ::fdopendir(::openat(directory, ".", O_RDONLY | O_CLOEXEC));
        if (stream == nullptr) {
            throw errno_error("cannot list {} to compare it", quoted(prefix));
        }
        const std::unique_ptr<DIR, int (*)(DIR*)> guard(stream, ::closedir);
        while (const dirent* entry = ::readdir(stream)) {
            const std::string name(entry->d_name);
            if (name == "." || name == "..") {
                continue;
            }
            if (S_ISDIR(add(directory, name.c_str(), prefix + name))) {
                const Fd below(::openat(directory, name.c_str(),
                                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
                descend(below.get(), prefix + name + "/");
            }
        }
    }

    mode_t add(int parent, const char* name, const std::string& path) {
        struct stat found {};
        if (::fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) < 0) {
            throw errno_error("cannot look at {} to compare it", quoted(path));
        }
        TreeNode node{.mode = found.st_mode, .uid = found.st_uid, .gid = found.st_gid};
        node.mtime_seconds = found.st_mtim.tv_sec;
        node.mtime_nanoseconds = found.st_mtim.tv_nsec;
        node.attributes = read_attributes(parent, name);
        if (S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode)) {
            node.device = found.st_rdev;
        } else if (S_ISLNK(found.st_mode)) {
            std::string target(64 * 1024, '\0');
            const ssize_t size = ::readlinkat(parent, name, target.data(), target.size());
            node.target = target.substr(0, static_cast<std::size_t>(size));
        } else if (S_ISREG(found.st_mode)) {
            const Fd file(::openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
            node.size_bytes = static_cast<std::uint64_t>(found.st_size);
            node.data = read_data_map(file.get(), found.st_size);
            node.contents = hash_contents(file.get(), found.st_size);
        }
        if (!S_ISDIR(found.st_mode) && found.st_nlink > 1) {
            note_link(found.st_ino, path, node);
        }
        tree_.emplace(path, std::move(node));
        return found.st_mode;
    }

    // Directory order is anybody's, so the first name is the least one.
    void note_link(ino_t inode, const std::string& path, TreeNode& node) {
        std::vector<std::string>& names = links_[inode];
        names.push_back(path);
        const std::string first = *std::min_element(names.begin(), names.end());
        node.first_link = first;
        for (const std::string& name : names) {
            if (name != path) {
                tree_.at(name).first_link = first;
            }
        }
    }

    Tree tree_;
    std::map<ino_t, std::vector<std::string>> links_;
};

class Comparison {
public:
    explicit Comparison(TreeTolerance tolerance) : tolerance_(tolerance) {}

    std::vector<std::string> run(const Tree& expected, const Tree& found) {
        for (const auto& [path, node] : expected) {
            const auto other = found.find(path);
            if (other == found.end()) {
                lines_.push_back(escaped(path) + ": is missing");
            } else if (path != "." || !tolerance_.root) {
                compare(path, node, other->second);
            }
        }
        for (const auto& [path, node] : found) {
            if (!expected.contains(path)) {
                lines_.push_back(escaped(path) + ": was not expected");
            }
        }
        return std::move(lines_);
    }

private:
    template <typename T>
    void differ(const std::string& path, std::string_view what, const T& expected, const T& found) {
        if (!(expected == found)) {
            lines_.push_back(
                fmt::format("{}: {} is {}, expected {}", escaped(path), what, found, expected));
        }
    }

    void compare(const std::string& path, const TreeNode& expected, const TreeNode& found) {
        const auto octal = [](mode_t mode) { return fmt::format("{:o}", mode); };
        differ(path, "mode", octal(expected.mode), octal(found.mode));
        differ(path, "owner", fmt::format("{}:{}", expected.uid, expected.gid),
               fmt::format("{}:{}", found.uid, found.gid));
        const auto time = [this](const TreeNode& node) {
            return fmt::format("{}.{:09}", node.mtime_seconds,
                               tolerance_.nanoseconds ? 0 : node.mtime_nanoseconds);
        };
        differ(path, "mtime", time(expected), time(found));
        differ(path, "size", expected.size_bytes, found.size_bytes);
        differ(path, "device", fmt::format("{}:{}", major(expected.device), minor(expected.device)),
               fmt::format("{}:{}", major(found.device), minor(found.device)));
        differ(path, "target", escaped(expected.target), escaped(found.target));
        differ(path, "hash of its contents", expected.contents, found.contents);
        differ(path, "first hard link", escaped(expected.first_link), escaped(found.first_link));
        if (!tolerance_.holes) {
            differ(path, "allocated", expected.data, found.data);
        }
        if (!tolerance_.attributes) {
            compare_attributes(path, expected.attributes, found.attributes);
        }
    }

    void compare_attributes(const std::string& path,
                            const std::map<std::string, std::string>& expected,
                            const std::map<std::string, std::string>& found) {
        for (const auto& [name, value] : expected) {
            const auto other = found.find(name);
            differ(path, "attribute " + escaped(name), escaped(value),
                   other == found.end() ? "missing" : escaped(other->second));
        }
        for (const auto& [name, value] : found) {
            if (!expected.contains(name)) {
                lines_.push_back(fmt::format("{}: attribute {} ({}) was not expected",
                                             escaped(path), escaped(name), escaped(value)));
            }
        }
    }

    TreeTolerance tolerance_;
    std::vector<std::string> lines_;
};

} // namespace

Tree read_tree(const std::filesystem::path& root) {
    return Reader().read(root);
}

std::vector<std::string> tree_differences(const Tree& expected, const Tree& found,
                                          const TreeTolerance& tolerance) {
    return Comparison(tolerance).run(expected, found);
}

} // namespace slipway::tests
