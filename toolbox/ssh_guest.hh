// A virtual machine's guest, reached by ssh(1): what is started to run a command in it. Pure.
//
// Nothing of the caller's takes part: no configuration, agent, key or known host of his. It
// needs OpenSSH 8.5 or later here, which has LogVerbose; any server in the guest.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::toolbox {

struct SshGuest {
    std::string address{}; ///< of the host, where the guest's port is forwarded, or the guest's
    std::uint16_t port = 22;
    std::string user = "root";           ///< logs in; if another, he has sudo without a password
    std::filesystem::path key{};         ///< absolute; the machine's own (spawn/machine_key.hh)
    std::filesystem::path known_hosts{}; ///< absolute; the machine's own, made at the first login
    std::string host_key_alias{};        ///< the name there: the address is many machines'
};

enum class Terminal { No, Yes };

/// One word for a POSIX shell, whatever it holds.
std::string shell_quoted(std::string_view word);

/// The arguments of ssh(1), itself in front, that run `words` in the guest with every word as it
/// is; none: a login shell. Standard input, output and error are the command's alone: what ssh has
/// to say goes to the end of the file `log`.
/// @param terminal  the command has one, and standard output and error become one
/// @throws Error  InvalidArgument: a word with a zero byte, a path that ssh cannot be given; Limit:
///                more than 128 KiB of words, which no guest's shell takes
std::vector<std::string> ssh_command(const SshGuest& guest, const std::vector<std::string>& words,
                                     Terminal terminal, const std::filesystem::path& log);

/// How the command ended, from how ssh_command()'s ssh did and what is in its log: its exit status,
/// 128 and the signal's number when it was killed. ssh ends with 255 for a failure of its own as
/// well; only the log tells that from a command's 255.
/// @throws Error  Network: the guest was not reached, or the connection was lost; Denied: it does
///                not take the key; Untrusted: it is another one than before
int ssh_command_status(int ssh_status, std::string_view log);

} // namespace slipway::toolbox
