// Contents first, metadata after that, the deepest directories first.

#include "tests/support/rich_tree.hh"

#include <array>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {
namespace {

using namespace std::literals;

void check(int result, std::string_view doing) {
    if (result < 0) {
        throw errno_error("making a tree: cannot {}", doing);
    }
}

class Maker {
public:
    Maker(std::filesystem::path root, const RichTree& tree) : root_(std::move(root)), tree_(tree) {}

    void make() {
        make_plain();
        make_modes();
        make_names();
        make_links();
        if (tree_.devices) {
            make_devices();
        }
        if (tree_.holes) {
            make_holes();
        }
        if (tree_.attributes) {
            make_attributes();
        }
        if (tree_.acls) {
            make_acls();
        }
        make_directories();
    }

private:
    std::string at(const std::string& name) const { return (root_ / name).string(); }

    void file(const std::string& name, std::string_view contents, mode_t mode = 0644, uid_t uid = 0,
              gid_t gid = 0) {
        write_file(at(name), std::string(contents));
        own(name, uid, gid);
        check(::chmod(at(name).c_str(), mode), "set a mode");
        time(name);
    }

    void own(const std::string& name, uid_t uid, gid_t gid) const {
        if (tree_.owners) {
            check(::lchown(at(name).c_str(), uid, gid), "set an owner");
        }
    }

    // Another one for each name, so that a mix-up shows.
    void time(const std::string& name) {
        ++count_;
        time(name, 1'500'000'000 + count_, tree_.nanoseconds ? 100'000'001 * (count_ % 9) : 0);
    }

    void time(const std::string& name, time_t seconds, long nanoseconds) const {
        const std::array times{timespec{seconds + 5, 0}, timespec{seconds, nanoseconds}};
        check(::utimensat(AT_FDCWD, at(name).c_str(), times.data(), AT_SYMLINK_NOFOLLOW),
              "set times");
    }

    void directory(const std::string& name) { std::filesystem::create_directories(at(name)); }

    void attribute(const std::string& name, const char* key, std::string_view value) const {
        check(::lsetxattr(at(name).c_str(), key, value.data(), value.size(), 0), key);
    }

    void make_plain() {
        directory("sizes");
        for (const std::size_t size : {0U, 1U, 511U, 512U, 513U, 65536U, 300'001U}) {
            std::string contents(size, '\0');
            for (std::size_t i = 0; i < size; ++i) {
                contents[i] = static_cast<char>(i * 7 + size);
            }
            file("sizes/" + std::to_string(size), contents);
        }
        directory("owners");
        file("owners/user", "u", 0644, 1000, 1001);
        file("owners/group", "g", 0644, 0, 43);
        if (tree_.large_ids) {
            file("owners/large", "l", 0644, 3'000'000'000, 4'294'967'294);
        }
        directory("times");
        file("times/epoch", "");
        time("times/epoch", 0, 0);
        file("times/later", "");
        time("times/later", 3'000'000'000, 0);
        if (tree_.old_times) {
            file("times/before", "");
            const bool exact = tree_.nanoseconds && tree_.old_nanoseconds;
            time("times/before", -86'401, exact ? 250'000'000 : 0);
        }
    }

    void make_modes() {
        directory("modes");
        for (const mode_t mode : {0000U, 0444U, 0600U, 0777U, 02755U, 04755U, 06711U}) {
            file("modes/" + std::to_string(mode), "#!", mode, 12, 34);
        }
        file("modes/sticky", "", 01666);
    }

    void make_names() {
        directory("names");
        const std::array kNames{"-rf"s, " blank "s, "back\\slash"s, "'quote\""s, "*"s, "~"s};
        for (const std::string& name : kNames) {
            file("names/" + name, name);
        }
        file("names/" + std::string(94, 'n'), "100 with the directory");
        if (tree_.odd_names) {
            const std::array kOdd{
                "new\nline"s, "caf\xe9"s,     "\xc3\xa9 composed"s, "e\xcc\x81 decomposed"s,
                "\xff\xfe"s,  "\x1b[31mred"s, "\xe2\x80\xae rtl"s};
            for (const std::string& name : kOdd) {
                file("names/" + name, name);
            }
        }
        if (tree_.odd_names && tree_.surrogates) {
            file("names/\xed\xa0\xbd\xed\xb8\x80", "surrogates");
        }
        if (tree_.long_names) {
            file("names/" + std::string(255, 'x'), "255");
            std::string deep = "names";
            for (int i = 0; i < 12; ++i) {
                deep += "/" + std::string(200, static_cast<char>('a' + i));
            }
            directory(deep);
            file(deep + "/end", "deep");
        }
    }

    void make_links() {
        directory("links");
        file("links/a", "linked", 04750, 5, 6);
        std::filesystem::create_hard_link(at("links/a"), at("links/b"));
        directory("links/far");
        std::filesystem::create_hard_link(at("links/a"), at("links/far/c"));
        std::vector<std::string> targets{"a", "/etc/passwd", "../nowhere", "."};
        if (tree_.long_names) {
            std::string& target = targets.emplace_back();
            while (target.size() < 1000) { // what ext4 with small blocks takes
                target += "long/";
            }
        }
        for (std::size_t i = 0; i < targets.size(); ++i) {
            const std::string name = "links/symlink" + std::to_string(i);
            check(::symlink(targets[i].c_str(), at(name).c_str()), "make a symlink");
            own(name, 7, static_cast<gid_t>(i));
            time(name);
        }
        if (tree_.symlink_links) {
            check(::link(at("links/symlink0").c_str(), at("links/symlink-again").c_str()),
                  "link a symlink");
        }
    }

    void node(const std::string& name, mode_t mode, dev_t device = 0) {
        check(::mknod(at(name).c_str(), mode, device), "make a node");
        own(name, 3, 4);
        check(::chmod(at(name).c_str(), mode & 07777), "set a mode");
        time(name);
    }

    void make_devices() {
        directory("devices");
        node("devices/null", S_IFCHR | 0666, makedev(1, 3));
        node("devices/whiteout", S_IFCHR | 0000, makedev(0, 0));
        node("devices/disk", S_IFBLK | 0660, makedev(8, 300));
        node("devices/fifo", S_IFIFO | 0622);
        if (tree_.node_links) {
            check(::link(at("devices/fifo").c_str(), at("devices/fifo-again").c_str()),
                  "link a fifo");
        }
    }

    void holed(const std::string& name, off_t size, std::initializer_list<off_t> data) {
        const Fd fd(::open(at(name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        const std::string block(4096, 'd');
        check(::ftruncate(fd.get(), size), "set a size");
        for (const off_t offset : data) {
            check(static_cast<int>(::pwrite(fd.get(), block.data(), block.size(), offset)),
                  "write");
        }
        time(name);
    }

    void make_holes() {
        directory("holes");
        holed("holes/all", 1 << 20, {});
        holed("holes/first", 1 << 20, {(1 << 20) - 4096});
        holed("holes/last", 1 << 20, {0});
        holed("holes/both", 3'000'000, {1 << 20, 2 << 20});
        holed("holes/many", 40 << 14,
              {0, 1 << 15, 1 << 16, 3 << 15, 1 << 17, 5 << 15, 3 << 16, 7 << 15, 1 << 18, 9 << 15,
               5 << 16, 11 << 15, 3 << 17, 13 << 15, 7 << 16, 15 << 15, 1 << 19});
        holed("holes/far", off_t{1} << 33, {0, off_t{1} << 32});
    }

    void make_attributes() {
        directory("attributes");
        file("attributes/file", "x");
        attribute("attributes/file", "user.text", "value");
        attribute("attributes/file", "user.bytes", "\0=\n\xff"sv);
        attribute("attributes/file", "user.empty", "");
        attribute("attributes", "user.directory", "d");
        if (tree_.owners) {
            file("attributes/ping", "x", 0755, 100, 101);
            attribute("attributes/ping", "security.capability",
                      "\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv);
            time("attributes/ping");
        }
    }

    void make_acls() {
        directory("acls");
        file("acls/file", "x", 0640);
        run_ok({"setfacl", "-n", "-m", "u:1000:r,g:2000:rwx,m::rx", at("acls/file")});
        directory("acls/inherited");
        run_ok({"setfacl", "-m", "u:1000:rwx", at("acls/inherited")});
        run_ok({"setfacl", "-d", "-m", "u::rwx,g::r,o::-,u:7:rwx,g:8:r", at("acls/inherited")});
        time("acls/file");
    }

    void make_directories() {
        directory("filled-read-only");
        file("filled-read-only/file", "x", 0444);
        directory("empty");
        directory("sticky");
        directory("set-group");
        const auto finish = [this](const std::string& name, mode_t mode, uid_t uid, gid_t gid) {
            own(name, uid, gid);
            check(::chmod(at(name).c_str(), mode), "set a mode");
            time(name);
        };
        finish("filled-read-only", 0555, 0, 0);
        finish("empty", 0700, 1000, 1000);
        finish("sticky", 01777, 0, 0);
        finish("set-group", 02775, 0, 50);
        for (const std::string& name : directories()) {
            time(name);
        }
        finish(".", 0751, 8, 9);
    }

    std::vector<std::string> directories() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
            if (entry.is_directory() && !entry.is_symlink()) {
                names.push_back(entry.path().lexically_relative(root_).string());
            }
        }
        return names;
    }

    std::filesystem::path root_;
    RichTree tree_;
    long count_ = 0;
};

} // namespace

void make_rich_tree(const std::filesystem::path& root, const RichTree& tree) {
    Maker(root, tree).make();
}

std::optional<std::string> no_attributes(const std::filesystem::path& directory) {
    const std::string probe = (directory / ".attribute-probe").string();
    write_file(probe, "");
    const bool user = ::setxattr(probe.c_str(), "user.probe", "1", 1, 0) == 0;
    const bool acl = run({"setfacl", "-m", "u:1:r", probe}).status == 0;
    ::unlink(probe.c_str());
    if (user && acl) {
        return std::nullopt;
    }
    return "the file system of " + directory.string() + " has no " +
           (user ? "ACLs, or setfacl is missing" : "user attributes");
}

} // namespace slipway::tests
