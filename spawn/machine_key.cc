// ssh-keygen leaves half of a file when it is killed, so it works under another name.

#include "spawn/machine_key.hh"

#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "machine/first_boot_values.hh"

namespace slipway::spawn {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = 64 * KiB; // a line

struct Answer {
    bool success = false;
    std::string out;
    std::string trouble;
};

std::string first_line(std::string text) {
    return escaped(text.substr(0, text.find_first_of("\r\n")));
}

Answer ask(const fs::path& ssh_keygen, std::vector<std::string> arguments) {
    const Fd said = make_memfd();
    ChildProcess child(ChildSpec{.program = ssh_keygen,
                                 .arguments = std::move(arguments),
                                 .fds = {{said.get(), STDOUT_FILENO}},
                                 .environment = {{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}},
                                 .capture_stderr = true});
    const bool success = child.wait().success();
    return {success, read_all(said.get(), kMostBytes), first_line(child.stderr_tail())};
}

void sync(const fs::path& path, int flags) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
    if (!fd || ::fsync(fd.get()) < 0) {
        throw errno_error("cannot sync {}", quoted(path.string()));
    }
}

void make_key(const fs::path& file, const std::string& comment, const fs::path& ssh_keygen) {
    const fs::path draft = file.parent_path() / ("." + file.filename().string() + ".new");
    const fs::path public_draft = draft.string() + ".pub";
    ::unlink(draft.c_str()); // of a run that was killed; ssh-keygen would ask
    ::unlink(public_draft.c_str());
    const Answer answer =
        ask(ssh_keygen, {"-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", draft.string()});
    ::unlink(public_draft.c_str());
    if (!answer.success) {
        ::unlink(draft.c_str());
        throw Error(Kind::Other, "cannot make the SSH key {}: ssh-keygen: {}",
                    quoted(file.string()), answer.trouble);
    }
    sync(draft, 0);
    if (::rename(draft.c_str(), file.c_str()) < 0) {
        throw errno_error("cannot make {}", quoted(file.string()));
    }
    sync(file.parent_path(), O_DIRECTORY);
}

} // namespace

MachineKey keep_machine_key(const fs::path& directory, const std::string& comment,
                            const fs::path& ssh_keygen) {
    if (ssh_keygen.empty()) {
        throw Error(Kind::NotFound,
                    "there is no ssh-keygen, which makes the key of a machine; install it (Debian: "
                    "openssh-client)");
    }
    const fs::path file = directory / "ssh_key";
    if (::access(file.c_str(), F_OK) < 0) {
        make_key(file, comment, ssh_keygen);
    }
    const Answer answer = ask(ssh_keygen, {"-y", "-P", "", "-f", file.string()});
    if (!answer.success) {
        throw Error(Kind::Corrupt,
                    "{} is no SSH key: {}; it was left as it is. Without it the next start makes "
                    "another one, which the guest does not know yet",
                    quoted(file.string()), answer.trouble);
    }
    return {file, machine::parse_ssh_key(answer.out)};
}

} // namespace slipway::spawn
