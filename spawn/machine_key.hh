// The SSH key by which we reach one machine: made for it, kept with it, known to nobody else.

#pragma once

#include <filesystem>
#include <string>

#include "base/find_tool.hh"

namespace slipway::spawn {

struct MachineKey {
    std::filesystem::path file; ///< the private key, for ssh -i
    std::string public_line;    ///< "ssh-ed25519 AAAA… COMMENT", without a newline
};

/// The Ed25519 key in `directory`, which ssh-keygen(1) makes there when there is none: the file
/// "ssh_key", 0600, without a pass phrase, whole or not at all. The public line is always made from
/// it, so that the two cannot part.
/// @param directory  exists, and nobody else can write to it; one caller at a time for each
/// @param comment    one line; of a key that is there already its own stays
/// @throws Error  NotFound: there is no ssh-keygen; Corrupt: what is there is no key
MachineKey keep_machine_key(const std::filesystem::path& directory, const std::string& comment,
                            const std::filesystem::path& ssh_keygen = find_tool("ssh-keygen"));

} // namespace slipway::spawn
