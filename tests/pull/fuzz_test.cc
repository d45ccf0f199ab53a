// Every archive of testdata/tar/ and many damaged copies of each, unpacked by the real reader and
// writer in a child that is confined to a throw-away directory. Whatever they are, they are
// unpacked or refused: no crash, no hang, nothing beside the place they were given.
//
// SLIPWAY_FUZZ_SEED and SLIPWAY_FUZZ_ROUNDS change the damage and its amount.

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "pull/archive_reader.hh"
#include "pull/unpack_tar.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

struct Seed {
    std::string name;
    std::string bytes;
};

std::vector<Seed> seeds() {
    std::vector<Seed> all;
    for (const auto& entry : std::filesystem::directory_iterator(tar_data(""))) {
        const std::string name = entry.path().filename().string();
        if (name != "make.py" && name != "README.md") {
            all.push_back({name, read_file(entry.path())});
        }
    }
    std::sort(all.begin(), all.end(), [](const Seed& a, const Seed& b) { return a.name < b.name; });
    return all;
}

unsigned number_of(const char* variable, unsigned fallback) {
    const char* text = std::getenv(variable);
    return text == nullptr ? fallback : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// Makes every header's checksum right again, so that damage gets past it.
void repair_checksums(std::string& tar) {
    for (std::size_t at = 0; at + 512 <= tar.size(); at += 512) {
        char* const block = &tar[at];
        if (std::string_view(block + 257, 5) != "ustar") {
            continue;
        }
        unsigned sum = 8 * ' ';
        for (std::size_t i = 0; i < 512; ++i) {
            sum += i >= 148 && i < 156 ? 0U : static_cast<unsigned char>(block[i]);
        }
        std::snprintf(block + 148, 7, "%06o", sum);
    }
}

std::string damaged(std::string bytes, const std::vector<Seed>& others, std::mt19937& random) {
    const auto below = [&random](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit == 0 ? 0 : limit - 1)(random);
    };
    for (std::size_t i = 0, count = 1 + below(6); i < count && !bytes.empty(); ++i) {
        switch (below(6)) {
        case 0:
            bytes[below(bytes.size())] = static_cast<char>(below(256));
            break;
        case 1: // in a header, where most of them are
            bytes[std::min(below(bytes.size() / 512 + 1) * 512 + below(512), bytes.size() - 1)] =
                "0123456789/.\0\xff\x80"[below(15)];
            break;
        case 2:
            bytes.resize(below(bytes.size()));
            break;
        case 3: { // a block twice
            const std::size_t from = below(bytes.size() / 512 + 1) * 512;
            bytes.insert(from, bytes.substr(from, 512));
            break;
        }
        case 4:
            bytes.erase(below(bytes.size() / 512 + 1) * 512, 512);
            break;
        default: { // a part of another archive in front
            const std::string& other = others[below(others.size())].bytes;
            bytes.insert(0, other.substr(0, below(other.size() / 512 + 1) * 512));
            break;
        }
        }
    }
    if (below(4) != 0) {
        repair_checksums(bytes);
    }
    return bytes;
}

void remove_beneath(int directory) {
    DIR* const stream = ::fdopendir(::openat(directory, ".", O_RDONLY | O_CLOEXEC));
    while (const dirent* entry = ::readdir(stream)) {
        const std::string name(entry->d_name);
        if (name == "." || name == "..") {
            continue;
        }
        if (::unlinkat(directory, name.c_str(), 0) < 0) {
            const Fd below(
                ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
            remove_beneath(below.get());
            ::unlinkat(directory, name.c_str(), AT_REMOVEDIR);
        }
    }
    ::closedir(stream);
}

std::set<std::string> names_in(int directory) {
    std::set<std::string> names;
    DIR* const stream = ::fdopendir(::openat(directory, ".", O_RDONLY | O_CLOEXEC));
    while (const dirent* entry = ::readdir(stream)) {
        names.insert(entry->d_name);
    }
    ::closedir(stream);
    return names;
}

void unpack_one(const std::string& tar, int root, std::size_t piece) {
    try {
        stream::MemorySource source(as_bytes(tar), piece);
        pull::Counters counters;
        const pull::Budget budget{.size_bytes = 16 * MiB, .entries = 500, .depth = 64};
        pull::unpack_tar(
            source, root, {}, budget, counters, [] { return 100 * MiB; }, [](std::string_view) {});
    } catch (const Error&) { // refused
    }
}

enum Result { Good = 0, Escaped = 20, Threw = 21 };

// In the child. Whatever is tried last stands in `note`, which the parent reads.
int fuzz(int staging, const std::vector<Seed>& all, unsigned rounds, unsigned seed, char* note,
         std::size_t note_size) {
    pull::ArchiveReader::prepare();
    Confinement wanted;
    wanted.view = View::Staging;
    wanted.staging = staging;
    wanted.capabilities = {CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                           CAP_FSETID, CAP_MKNOD,        CAP_SETFCAP};
    const Confined confined = confine(wanted);
    const int top = confined.root.get();
    ::mkdirat(top, "neighbour", 0755);
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (unsigned round = 0; round <= rounds; ++round) {
            std::snprintf(note, note_size, "%s, round %u", all[i].name.c_str(), round);
            std::mt19937 random(seed + static_cast<unsigned>(i) * 10'007 + round);
            const std::string tar = round == 0 ? all[i].bytes : damaged(all[i].bytes, all, random);
            ::mkdirat(top, "here", 0700);
            const Fd root(::openat(top, "here", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            try {
                unpack_one(tar, root.get(), random() % 3 == 0 ? 1 + random() % 1000 : 256 * KiB);
            } catch (const std::exception&) {
                return Threw;
            }
            remove_beneath(root.get());
            ::unlinkat(top, "here", AT_REMOVEDIR);
            if (names_in(top) != std::set<std::string>{".", "..", "neighbour"}) {
                return Escaped;
            }
        }
    }
    return Good;
}

} // namespace

TEST_CASE("whatever the bytes, they are unpacked or refused, and nothing else happens",
          "[pull][fuzz][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces, owners, devices");
    }
    const unsigned rounds = number_of("SLIPWAY_FUZZ_ROUNDS", 15);
    const unsigned seed = number_of("SLIPWAY_FUZZ_SEED", 1);
    const std::vector<Seed> all = seeds();
    REQUIRE(all.size() > 100);
    const TempDir top;
    constexpr std::size_t kNote = 4096;
    char* const note = static_cast<char*>(
        ::mmap(nullptr, kNote, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    REQUIRE(note != MAP_FAILED);
    const pid_t pid = ::fork();
    if (pid == 0) {
        int code = Threw;
        try {
            ::alarm(240);
            code = fuzz(::open(top.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), all, rounds,
                        seed, note, kNote);
        } catch (const std::exception& error) {
            std::snprintf(note, kNote, "before the first: %s", error.what());
        }
        ::_exit(code);
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    INFO("seed " << seed << ", the last was " << note);
    CHECK(WIFEXITED(status));
    CHECK((WIFSIGNALED(status) ? WTERMSIG(status) : 0) == 0);
    CHECK((WIFEXITED(status) ? WEXITSTATUS(status) : Good) == Good);
    ::munmap(note, kNote);
}
