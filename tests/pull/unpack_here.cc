// The child tells its outcome in the words of the protocol, one line each, in an anonymous file.

#include "tests/pull/unpack_here.hh"

#include <clocale>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "pull/unpacker.hh"
#include "pull/wire.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"

namespace slipway::tests {
namespace {

void write_line(int fd, const pull::UnpackAnswer& answer) {
    const std::string line = pull::to_json(answer) + "\n";
    static_cast<void>(!::write(fd, line.data(), line.size()));
}

// Everything read-only but one directory. Where mounting is refused (no root), the caller's lack of
// rights has to do.
void make_host_readonly(const std::filesystem::path& writable) {
    if (::unshare(CLONE_NEWNS) < 0) {
        return;
    }
    mount_attr readonly{};
    readonly.attr_set = MOUNT_ATTR_RDONLY;
    mount_attr clear{};
    clear.attr_clr = MOUNT_ATTR_RDONLY;
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 ||
        ::mount(writable.c_str(), writable.c_str(), nullptr, MS_BIND, nullptr) < 0 ||
        ::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &readonly, sizeof readonly) < 0 ||
        ::syscall(SYS_mount_setattr, AT_FDCWD, writable.c_str(), 0, &clear, sizeof clear) < 0) {
        throw errno_error("cannot make the host read-only around a test");
    }
}

void become_nobody(int staging) {
    constexpr uid_t kNobody = 65534;
    if (::fchown(staging, kNobody, kNobody) < 0 || ::setgroups(0, nullptr) < 0 ||
        ::setgid(kNobody) < 0 || ::setuid(kNobody) < 0) {
        throw errno_error("cannot become nobody");
    }
}

void become_only_user() {
    const std::string users = "0 " + std::to_string(::geteuid()) + " 1";
    const std::string groups = "0 " + std::to_string(::getegid()) + " 1";
    if (::unshare(CLONE_NEWUSER) < 0) {
        throw errno_error("cannot make a user namespace");
    }
    // Without O_TRUNC, which these files refuse.
    for (const auto& [name, text] :
         {std::pair("/proc/self/setgroups", std::string("deny")),
          std::pair("/proc/self/uid_map", users), std::pair("/proc/self/gid_map", groups)}) {
        const Fd fd(::open(name, O_WRONLY | O_CLOEXEC));
        if (::write(fd.get(), text.data(), text.size()) < 0) {
            throw errno_error("cannot make a user namespace: {}", name);
        }
    }
}

pull::UnpackAnswer unpack_in_child(std::string_view tar, const std::filesystem::path& into,
                                   const UnpackSettings& settings, int log) {
    try {
        std::setlocale(LC_CTYPE, settings.locale);
        ::umask(0);
        if (!settings.writable.empty()) {
            make_host_readonly(settings.writable);
        }
        const Fd root(::open(into.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!root) {
            throw errno_error("cannot open {}", into.string());
        }
        if (settings.as_nobody) {
            become_nobody(root.get());
        }
        if (settings.one_user) {
            become_only_user();
        }
        const std::uint64_t packed =
            settings.packed_bytes != 0 ? settings.packed_bytes : tar.size();
        stream::MemorySource source(as_bytes(tar), settings.piece);
        pull::Counters counters;
        const pull::Unpacked tree = pull::unpack_tar(
            source, root.get(), settings.options, settings.budget, counters, [&] { return packed; },
            [log](std::string_view text) {
                write_line(log, pull::UnpackWarning{std::string(text)});
            });
        return pull::UnpackDone{{}, "plain", tar.size(), tree};
    } catch (const Error& error) {
        return pull::UnpackFailure{error.kind(), error.what(), {}};
    } catch (const std::exception& error) {
        return pull::UnpackFailure{Kind::Internal, error.what(), {}};
    }
}

void take(Outcome& outcome, const pull::UnpackAnswer& answer) {
    if (const auto* warning = std::get_if<pull::UnpackWarning>(&answer)) {
        outcome.warnings.push_back(warning->text);
    } else if (const auto* failure = std::get_if<pull::UnpackFailure>(&answer)) {
        outcome.kind = failure->kind;
        outcome.error = failure->text;
        outcome.digests = failure->digests;
    } else if (const auto* done = std::get_if<pull::UnpackDone>(&answer)) {
        outcome.tree = std::get<pull::Unpacked>(done->what);
        outcome.digests = done->digests;
        outcome.codec = done->codec;
    }
}

// Runs `work`, which writes its outcome to the descriptor it is given, in a child.
template <typename Work>
Outcome run_child(const Work& work) {
    const Fd log = make_memfd();
    const pid_t pid = ::fork();
    if (pid == 0) {
        work(log.get());
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    Outcome outcome;
    if (!WIFEXITED(status)) {
        outcome.error = "the child died by signal " + std::to_string(WTERMSIG(status));
        outcome.kind = Kind::Internal;
        return outcome;
    }
    std::istringstream lines(read_all(log.get(), 64 * MiB));
    for (std::string line; std::getline(lines, line);) {
        take(outcome, pull::parse_unpack_answer(line));
    }
    return outcome;
}

} // namespace

Outcome unpack_here(std::string_view tar, const std::filesystem::path& into,
                    const UnpackSettings& settings) {
    return run_child([&](int log) { write_line(log, unpack_in_child(tar, into, settings, log)); });
}

Outcome in_child(const std::function<Outcome()>& work) {
    return run_child([&](int log) {
        const Outcome outcome = work();
        for (const std::string& warning : outcome.warnings) {
            write_line(log, pull::UnpackWarning{warning});
        }
        if (outcome.tree) {
            write_line(log, pull::UnpackDone{outcome.digests, outcome.codec, 0, *outcome.tree});
        } else {
            write_line(log, pull::UnpackFailure{outcome.kind, outcome.error, {}});
        }
    });
}

Outcome unpack_by_program(int input, const std::filesystem::path& into,
                          pull::UnpackRequest request) {
    const Fd root(::open(into.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (request.algorithms.empty()) {
        request.algorithms = {stream::Algorithm::Sha256};
    }
    Outcome outcome;
    try {
        pull::Unpacker unpacker(request, root.get(), input);
        while (!outcome.tree && outcome.error.empty()) {
            take(outcome, unpacker.next({}));
        }
    } catch (const Error& error) {
        outcome.kind = error.kind();
        outcome.error = error.what();
    }
    return outcome;
}

Outcome unpack_by_program(const std::filesystem::path& archive, const std::filesystem::path& into,
                          const pull::UnpackRequest& request) {
    const Fd input(::open(archive.c_str(), O_RDONLY | O_CLOEXEC));
    return unpack_by_program(input.get(), into, request);
}

std::filesystem::path tar_data(const std::string& name) {
    return std::filesystem::path(SLIPWAY_TESTDATA) / "tar" / name;
}

Trial::Trial() {
    std::filesystem::create_directories(staging_);
    write_file(top_ / "passwd", "untouched");
    std::filesystem::create_directories(top_ / "pool/etc");
    write_file(top_ / "pool/etc/passwd", "untouched");
    outside_ = outside();
}

Tree Trial::outside() const {
    Tree tree = read_tree(top_.path());
    std::erase_if(tree, [](const auto& entry) {
        // The pool's own times change as the staging is emptied.
        return entry.first.starts_with("pool/staging") || entry.first == "pool";
    });
    return tree;
}

std::vector<std::string> Trial::changes_outside() const {
    return tree_differences(outside_, outside());
}

Outcome Trial::unpack(const std::string& name, const UnpackSettings& settings) {
    return unpack_bytes(read_file(tar_data(name + ".tar")), settings);
}

Outcome Trial::unpack_hostile(const std::string& name) {
    return unpack(name, {.writable = top_.path()});
}

Outcome Trial::unpack_bytes(std::string_view tar, const UnpackSettings& settings) {
    std::filesystem::remove_all(staging_);
    std::filesystem::create_directory(staging_);
    return unpack_here(tar, staging_, settings);
}

void check_refusals(const std::vector<Refusal>& refusals) {
    Trial trial;
    for (const Refusal& refusal : refusals) {
        INFO(refusal.name);
        const Outcome outcome = trial.unpack_hostile(refusal.name);
        CHECK_FALSE(outcome.tree);
        CHECK(word(outcome.kind) == word(refusal.kind));
        CHECK_THAT(outcome.error, contains(refusal.message));
        CHECK(trial.changes_outside() == std::vector<std::string>{});
        for (const std::size_t piece : {1U, 512U, 1000U}) {
            INFO(piece << " bytes at a time");
            const Outcome again = trial.unpack(refusal.name, {.piece = piece});
            CHECK(word(again.kind) == word(refusal.kind));
            CHECK_THAT(again.error, contains(refusal.message));
        }
    }
}

} // namespace slipway::tests
