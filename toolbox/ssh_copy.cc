// Both ends do the same four things with the same four scripts; one end's go through ssh.

#include "toolbox/ssh_copy.hh"

#include <array>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/find_tool.hh"
#include "base/log.hh"
#include "base/memfd.hh"
#include "base/pipe.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "storage/hidden.hh"

namespace slipway::toolbox {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

enum : int { kNotFound = 3, kExists = 4, kNoTar = 125 }; // of the scripts; tar has 1 and 2

constexpr const char* kPrepare =
    "unset TAR_OPTIONS; LC_ALL=C; export LC_ALL; umask 077\n"
    "case $(tar --version 2>&1) in *'GNU tar'*) ;; *) echo 'there is no GNU tar' >&2; exit 125;;"
    " esac\n";

constexpr const char* kAttributes = " --numeric-owner --acls --xattrs --xattrs-include='user.*'"
                                    " --xattrs-include=security.capability";

// "./" in front and no unquoting: a name that begins with '-' or holds a backslash is itself.
std::string pack_script() {
    return kPrepare +
           std::string("[ -e \"$1/$2\" ] || [ -L \"$1/$2\" ] || exit 3\n"
                       "exec tar --create --file=- --format=posix --sparse --no-unquote"
                       " --pax-option=delete=atime,delete=ctime") +
           kAttributes + " --directory=\"$1/\" -- \"./$2\"\n";
}

constexpr const char* kExistsAlready =
    "if [ \"$4\" = no ]; then { [ -e \"$3\" ] || [ -L \"$3\" ]; } && exit 4; fi\n";

std::string unpack_script() {
    return kPrepare + std::string(kExistsAlready) +
           "mkdir -- \"$1\" && exec tar --extract --file=- --preserve-permissions" + kAttributes +
           " --directory=\"$1\"\n";
}

std::string keep_script() {
    return kExistsAlready + std::string("mv -f -T -- \"$1/$2\" \"$3\" && rmdir -- \"$1\"\n");
}

// A guest's tar may take a moment to notice that the stream has ended.
constexpr const char* kDiscardScript =
    "rm -rf -- \"$1\" 2>/dev/null || { sleep 1; rm -rf -- \"$1\"; }\n";

struct Place {
    std::string parent; ///< empty: the root directory
    std::string name;
};

Place split(const std::string& path) {
    const fs::path whole = fs::path(path).lexically_normal();
    std::string text = whole.string();
    while (text.ends_with('/')) {
        text.pop_back();
    }
    if (!whole.is_absolute() || text.empty()) {
        throw Error(Kind::InvalidArgument, "{}; expected an absolute path, and not '/' itself",
                    quoted(path));
    }
    const std::size_t slash = text.rfind('/');
    return {text.substr(0, slash), text.substr(slash + 1)};
}

// One of the two ends of a copy.
class End {
public:
    End(const SshGuest* guest, fs::path log) : guest_(guest), log_(std::move(log)) {}

    Words command(const std::string& script, const Words& arguments) const {
        Words words{"sh", "-c", script, "slipway"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        if (guest_ == nullptr) {
            return words;
        }
        if (guest_->user != "root") {
            words.insert(words.begin(), {"sudo", "-n", "--"});
        }
        return ssh_command(*guest_, words, Terminal::No, log_);
    }

private:
    const SshGuest* guest_; ///< null: here
    fs::path log_;
};

// A program with its last words kept. An ssh writes its own to a file without a name.
class Part {
public:
    Part(const Words& command, std::vector<std::pair<int, int>> fds, const Fd& log)
        : is_ssh_(command.front() == "ssh"), log_(log),
          child_(ChildSpec{.program =
                               expect_tool(command.front(), is_ssh_ ? "openssh-client" : "dash"),
                           .arguments = {command.begin() + 1, command.end()},
                           .fds = std::move(fds),
                           .environment = {},
                           .capture_stderr = true}) {}

    /// @throws Canceled; what ssh_command_status() throws
    int wait(const std::stop_token& stop) {
        wait_for(child_.pidfd(), POLLIN, stop);
        const ChildExit exit = child_.wait();
        const int status = exit.signaled ? 128 + exit.code : exit.code;
        return is_ssh_ ? ssh_command_status(status, read_all(log_.get(), MiB)) : status;
    }
    std::string said() const {
        std::string text = child_.stderr_tail();
        while (text.ends_with('\n')) {
            text.pop_back();
        }
        for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at)) {
            text.replace(at, 1, "; ");
        }
        return escaped(text);
    }

private:
    bool is_ssh_;
    const Fd& log_;
    ChildProcess child_;
};

// What an ssh of this process writes to: a file of ours by the name that others have for it.
fs::path name_of(const Fd& log) {
    return fs::path("/proc") / std::to_string(::getpid()) / "fd" / std::to_string(log.get());
}

void expect_done(int status, const std::string& said) {
    if (status == kExists) {
        throw Error(Kind::Exists, "the target is there already; --force replaces a file");
    }
    if (status != 0) {
        throw Error(Kind::Other, "{}; the target was left as it is",
                    said.empty() ? fmt::format("status {}", status) : said);
    }
}

void move_over(const SshCopy& copy, const Fd& log, const std::stop_token& stop) {
    auto [read_end, write_end] = make_pipe();
    Part unpack(copy.unpack, {{read_end.get(), STDIN_FILENO}}, log);
    Part pack(copy.pack, {{write_end.get(), STDOUT_FILENO}}, log);
    read_end.reset();
    write_end.reset();
    const int packed = pack.wait(stop);
    const int unpacked = unpack.wait(stop);
    if (packed == kNotFound) {
        throw Error(Kind::NotFound, "the source does not exist");
    }
    if (packed == 0 || packed == 128 + SIGPIPE || unpacked == kExists) {
        expect_done(unpacked, unpack.said());
    }
    // Of a stream that broke off both have something to say, and either may be the reason.
    expect_done(packed, unpacked == 0 || unpack.said().empty()
                            ? pack.said()
                            : fmt::format("{}; {}", pack.said(), unpack.said()));
    debug("tar: {} {}", pack.said(), unpack.said());
}

// Its failure is not the copy's: a hidden directory stays.
void discard(const SshCopy& copy) noexcept {
    try {
        const Fd log = make_memfd();
        Part part(copy.discard, {}, log);
        const int status = part.wait({});
        expect_done(status, part.said());
    } catch (const std::exception& error) {
        debug("a part of a copy stays: {}", error.what());
    }
}

} // namespace

SshCopy plan_ssh_copy(const SshGuest& guest, const CopyOrder& order, const std::string& id,
                      const fs::path& log) {
    const Place source = split(order.source);
    const Place target = split(order.target);
    const End here(nullptr, log);
    const End there(&guest, log);
    const End& from = order.into_machine ? here : there;
    const End& to = order.into_machine ? there : here;
    const Words places{target.parent + "/" + storage::HiddenNames(id).content, source.name,
                       target.parent + "/" + target.name, order.force ? "yes" : "no"};
    return {.pack = from.command(pack_script(), {source.parent, source.name}),
            .unpack = to.command(unpack_script(), places),
            .keep = to.command(keep_script(), places),
            .discard = to.command(kDiscardScript, {places.front()})};
}

void ssh_copy(const SshGuest& guest, const CopyOrder& order, const std::stop_token& stop) {
    const Fd log = make_memfd();
    const SshCopy copy = plan_ssh_copy(guest, order, storage::make_job_id(), name_of(log));
    try {
        move_over(copy, log, stop);
        if (::ftruncate(log.get(), 0) < 0) { // the next ssh's alone
            throw errno_error("cannot empty the log of ssh");
        }
        Part keep(copy.keep, {}, log);
        const int kept = keep.wait(stop);
        expect_done(kept, keep.said());
    } catch (...) {
        discard(copy);
        throw;
    }
}

} // namespace slipway::toolbox
