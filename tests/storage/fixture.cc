// Shared steps of the tests of the store.

#include "tests/storage/fixture.hh"

#include <atomic>
#include <chrono>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "verify/judge.hh"
#include "volume/inode_flags.hh"
#include "volume/subvolume.hh"

namespace slipway::tests {
namespace {

Fd open_entry(const std::filesystem::path& path) {
    return Fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

std::string describe(const std::filesystem::path& path) {
    const Fd fd = open_entry(path);
    struct stat info {};
    if (::lstat(path.c_str(), &info) < 0 || !S_ISDIR(info.st_mode)) {
        return S_ISREG(info.st_mode) ? "file" : S_ISLNK(info.st_mode) ? "link" : "other";
    }
    const bool subvolume = volume::is_subvolume(fd.get());
    std::string text = subvolume ? "subvolume" : "directory";
    if (subvolume ? volume::is_read_only_subvolume(fd.get()) : volume::is_immutable(fd.get())) {
        text += " ro";
    }
    if (std::filesystem::exists(path / "id")) {
        text += " " + read_file(path / "id");
    }
    return text;
}

} // namespace

std::string next_id() {
    static std::atomic<unsigned> number{0};
    return fmt::format("{:08x}{:08x}", static_cast<unsigned>(::getpid()), ++number);
}

storage::StagingSpec spec(const std::string& name, storage::Replace replace,
                          storage::ReadOnly read_only) {
    use_private_run(); // whoever stores something locks it there
    return {.id = next_id(),
            .name = storage::ImageName::parse(name),
            .replace = replace,
            .read_only = read_only,
            .subvolume = true};
}

Verdict accepted() {
    const verify::Judge judge({.policy = {.mode = verify::Mode::No, .algorithm = {}, .digest = {}},
                               .image = std::nullopt,
                               .now = std::chrono::system_clock::now()});
    return judge.judge({});
}

void fill(const storage::Staging& staging, const std::string& content, int extra) {
    const auto write = [&](const std::string& name) {
        const Fd fd(::openat(staging.root(), name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        for (std::size_t done = 0; fd && done < content.size();) {
            const ssize_t size = ::write(fd.get(), content.data() + done, content.size() - done);
            if (size < 0) {
                throw errno_error("cannot write {}", name);
            }
            done += static_cast<std::size_t>(size);
        }
        if (!fd) {
            throw errno_error("cannot make {}", name);
        }
    };
    write("id");
    for (int i = 0; i < extra; ++i) {
        write(fmt::format("file-{}", i));
    }
}

std::filesystem::path store(const storage::Pool& pool, const storage::StagingSpec& what,
                            const std::string& content) {
    storage::Staging staging(pool, what);
    fill(staging, content);
    return std::move(staging).commit(accepted(), {R"({"source":"test"})"}, {});
}

std::string state_of(const std::filesystem::path& pool) {
    std::set<std::string> lines;
    for (const auto& entry : std::filesystem::directory_iterator(pool)) {
        lines.insert(entry.path().filename().string() + ": " + describe(entry.path()));
    }
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string names_in(const std::filesystem::path& directory) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        names.insert(entry.path().filename().string());
    }
    return fmt::format("{}", fmt::join(names, " "));
}

bool is_immutable(const std::filesystem::path& path) {
    return volume::is_immutable(open_entry(path).get());
}

void set_immutable(const std::filesystem::path& path, bool immutable) {
    volume::set_immutable(open_entry(path).get(), immutable);
}

} // namespace slipway::tests
