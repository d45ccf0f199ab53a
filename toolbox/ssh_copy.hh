// Files and trees on their way into a virtual machine's guest, and out of it, over its SSH.
//
// A tar stream from GNU tar to GNU tar. scp and sftp carry no owners, no links and no holes; scp's
// older protocol has the far shell read names. tar carries all of it, names as bytes, and the names
// given to it go through a shell once, quoted. rsync would, too, but images come without it.
// What comes out of a guest is as trusted as the guest: tar on this side stays below a new
// directory (no "..", absolute name or symlink leads it out), but makes set-uid files and devices
// as they are.

#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "toolbox/machine_copy.hh"
#include "toolbox/ssh_guest.hh"

namespace slipway::toolbox {

/// Programs with their arguments. The copy is unpacked in a hidden directory beside the target.
struct SshCopy {
    std::vector<std::string> pack{};    ///< writes the archive to standard output
    std::vector<std::string> unpack{};  ///< reads it from standard input
    std::vector<std::string> keep{};    ///< after both have ended with 0: gives it its name
    std::vector<std::string> discard{}; ///< after anything else: removes the hidden directory
    bool operator==(const SshCopy&) const = default;
};

/// Pure. At the guest's end root does it, through sudo(8) where another user logs in.
/// @param id   of storage::make_job_id(), for the hidden directory's name
/// @param log  of ssh
/// @throws Error InvalidArgument: not two absolute paths, or one of them is "/"
SshCopy plan_ssh_copy(const SshGuest& guest, const CopyOrder& order, const std::string& id,
                      const std::filesystem::path& log);

/// Copies contents, holes, modes, numeric owners, times, links (of files and symlinks), devices,
/// ACLs, user.* attributes and file capabilities. The target appears when all of it is there, or
/// not at all; a file that changes while it is read counts as not there. Without root here owners
/// become the caller's.
/// @throws Error  NotFound, Exists as MachineCopy has them; what ssh_command_status() throws;
/// Other:
///                with what tar said
/// @throws Canceled
void ssh_copy(const SshGuest& guest, const CopyOrder& order, const std::stop_token& stop);

} // namespace slipway::toolbox
