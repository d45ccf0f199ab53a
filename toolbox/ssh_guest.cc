// ssh joins its words with blanks and has the guest's shell take them apart: they are quoted for
// it.

#include "toolbox/ssh_guest.hh"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::toolbox {
namespace {

constexpr int kConnectSeconds = 10; ///< until the guest has said its version, too
constexpr int kSshFailed = 255;

// MAX_ARG_STRLEN of the guest, whose shell gets them as one argument.
constexpr std::size_t kMostBytes = 128 * KiB - 1;

// A path as a value in a configuration (ssh_config(5)): quotes, and "%%" for a token's mark.
std::string option_path(const std::filesystem::path& path) {
    const std::string& text = path.native();
    if (!path.is_absolute() || text.find("${") != text.npos ||
        text.find_first_of("\r\n") != text.npos) {
        throw Error(Kind::InvalidArgument,
                    "ssh cannot be given the file {}; expected an absolute path without '${{' and "
                    "newlines",
                    quoted(text));
    }
    std::string value;
    for (const char byte : text) {
        value += byte == '%'                   ? "%%"
                 : byte == '"' || byte == '\\' ? std::string{'\\', byte}
                                               : std::string{byte};
    }
    return "\"" + value + "\"";
}

std::string joined(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        if (word.find('\0') != word.npos) {
            throw Error(Kind::InvalidArgument, "{} holds a zero byte, which no argument can",
                        quoted(word));
        }
        line += shell_quoted(word) + " ";
    }
    // The shell stays, so that a signal's number arrives: SSH has only its name, and ssh drops it.
    line += "; exit $?";
    if (line.size() > kMostBytes) {
        throw Error(Kind::Limit,
                    "the command has {} bytes; expected no more than {}, which is what the guest's "
                    "shell can be given. Copy a file with them to the machine",
                    line.size(), kMostBytes);
    }
    return line;
}

// What ssh says once the guest has let it in.
bool is_session(std::string_view line) {
    return line.find("clientloop.c:client_loop()") != line.npos;
}

// What ssh gives as its reason at last: without the lines that we have asked for, and their heads.
std::string reason(std::string_view log) {
    constexpr std::string_view kHead = " (pid=";
    constexpr std::string_view kHeadEnd = "): ";
    std::istringstream lines{std::string(log)};
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        if (is_session(line)) {
            continue;
        }
        const std::size_t end = line.find(kHeadEnd, std::min(line.find(kHead), line.size()));
        line.erase(0, end == line.npos ? 0 : end + kHeadEnd.size());
        while (line.ends_with('\r')) {
            line.pop_back();
        }
        last = line.empty() ? last : line;
    }
    return last.empty() ? "ssh gives no reason" : escaped(last);
}

} // namespace

std::string shell_quoted(std::string_view word) {
    std::string text = "'";
    for (const char byte : word) {
        text += byte == '\'' ? "'\\''" : std::string{byte};
    }
    return text + "'";
}

std::vector<std::string> ssh_command(const SshGuest& guest, const std::vector<std::string>& words,
                                     Terminal terminal, const std::filesystem::path& log) {
    std::vector<std::string> command{"ssh", "-F", "none", "-E", log.string()};
    for (const std::string& option :
         {std::string("LogLevel=ERROR"),
          // Two places say more: how the command ended, and why the connection did.
          std::string("LogVerbose=clientloop.c:client_loop():*,packet.c:sshpkt_vfatal():*"),
          std::string("BatchMode=yes"), std::string("PreferredAuthentications=publickey"),
          std::string("IdentitiesOnly=yes"), "IdentityFile=" + option_path(guest.key),
          std::string("IdentityAgent=none"), std::string("StrictHostKeyChecking=accept-new"),
          "UserKnownHostsFile=" + option_path(guest.known_hosts),
          std::string("GlobalKnownHostsFile=none"), "HostKeyAlias=" + guest.host_key_alias,
          std::string("HashKnownHosts=no"), std::string("UpdateHostKeys=no"),
          std::string("ForwardAgent=no"), std::string("ForwardX11=no"),
          std::string("ClearAllForwardings=yes"), std::string("ControlPath=none"),
          fmt::format("ConnectTimeout={}", kConnectSeconds)}) {
        command.insert(command.end(), {"-o", option});
    }
    command.insert(command.end(), {"-p", std::to_string(guest.port), "-l", guest.user,
                                   terminal == Terminal::Yes ? "-tt" : "-T", "--", guest.address});
    if (!words.empty()) {
        command.push_back(joined(words));
    }
    return command;
}

int ssh_command_status(int ssh_status, std::string_view log) {
    if (ssh_status != kSshFailed) {
        return ssh_status;
    }
    std::istringstream lines{std::string(log)};
    bool was_in = false;
    for (std::string line; std::getline(lines, line);) {
        was_in = was_in || is_session(line);
        if (is_session(line) && line.find(": Exit status 255") != line.npos) {
            return ssh_status;
        }
    }
    const std::string why = reason(log);
    if (was_in) {
        throw Error(Kind::Network,
                    "the connection to the guest was lost ({}); how the command ended is not known",
                    why);
    }
    if (why.find("Permission denied") != why.npos) {
        throw Error(Kind::Denied,
                    "the guest does not let us in: {}. It takes a machine's key at its first boot, "
                    "from cloud-init or systemd 256 and later",
                    why);
    }
    if (why.find("Host key verification failed") != why.npos) {
        throw Error(Kind::Untrusted,
                    "the guest shows another host key than at the first login, and was told "
                    "nothing: {}",
                    why);
    }
    throw Error(Kind::Network, "the guest was not reached over SSH: {}", why);
}

} // namespace slipway::toolbox
