// The table of verbs. The order is that of --help.

#include "cli/verb_table.hh"

#include <algorithm>
#include <array>

namespace slipway::cli {
namespace {

constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

constexpr std::array kVerbs{
    VerbSpec{Verb::PullTar, "pull-tar", "URL [NAME]", 1, 2, Operand::Url,
             "Download a tar, verify it, and store its tree as an image",
             "The checksum document beside the URL and its signature are fetched and judged before "
             "the first byte of the image. The tar may be plain or compressed with gzip, xz, zstd, "
             "bzip2 or lz4; what it is, is found from its bytes. A connection that is cut or "
             "stalls is resumed where the server allows.\n\n"
             "NAME is the image's name; a suffix such as .tar.xz is taken off it. Without NAME, or "
             "with \"-\", it is the last component of URL less its suffix.\n\n"
             "Until the digest and the signature agree with --verify=, nothing is visible in the "
             "pool; the image then appears in one step, on disk and whole."},
    VerbSpec{
        Verb::PullRaw, "pull-raw", "URL [NAME]", 1, 2, Operand::Url,
        "Download a disk image, verify it, and store it as NAME.raw",
        "As pull-tar, for disks: a raw image, a qcow2 image, which is written out as raw, or a "
        "tar that holds one disk, each plain or compressed. What is zero takes no room in the "
        "pool. The server's time of modification is kept.\n\n"
        "Of NAME, and of the last component of URL without it, every suffix such as .xz, .raw, "
        ".qcow2 or .img is taken off.\n\n"
        "Files that lie beside the image under its name without suffixes come along: .nspawn, "
        ".roothash, .roothash.p7s, .usrhash, .usrhash.p7s and .verity; with pull-tar .nspawn "
        "alone. They are verified as the image is; one that the verified documents do not "
        "name is left out, and that is said. A file that is not there is no error; one that "
        "cannot be had is."},
    VerbSpec{
        Verb::Verify, "verify", "FILE|URL|NAME", 1, 1, Operand::File,
        "Judge a file, a URL or an image of the pool as a pull would, and store nothing",
        "Looks for the documents and signatures that vouch for the image, as pull-tar does, reads "
        "the image to its end, and judges it. A table on standard output shows what was found and "
        "what each said; those that are not there are counted, and listed with --debug. The "
        "sentence of the verdict follows, and the exit status is the one that the pull would "
        "have.\n\n"
        "The documents of a FILE are looked for beside it. A NAME, which has no slash and is no "
        "file here, is an image of the pool: the URL that it was pulled from is asked again, and "
        "the digest that was recorded then is judged by what the publisher says now. Its bytes on "
        "the disk are not compared. Neither FILE nor URL needs the rights of root, and no daemon "
        "is asked."},
    VerbSpec{
        Verb::ImportTar, "import-tar", "FILE|- [NAME]", 1, 2, Operand::File,
        "Store the tree of a local tar as an image",
        "Reads FILE, or standard input for \"-\" (which needs a NAME), so that \"docker export\" "
        "can be piped in. Formats and names are those of pull-tar. There is no place beside a "
        "local file to look for proofs: --verify= takes a digest in hexadecimal, or \"no\", "
        "which is the default."},
    VerbSpec{Verb::ImportRaw, "import-raw", "FILE|- [NAME]", 1, 2, Operand::File,
             "Store a local disk image as NAME.raw",
             "As import-tar, for the disk images of pull-raw. The file's time of modification is "
             "kept; files beside it are not looked for."},
    VerbSpec{Verb::ImportFs, "import-fs", "DIR [NAME]", 1, 2, Operand::Directory,
             "Store a directory of this host as an image",
             "On btrfs, when DIR is a subvolume of the pool's own file system, the image is a "
             "snapshot of it, nested subvolumes included. Else DIR is copied exactly: owners, "
             "modes, times, links, devices, holes and all attributes; files share their blocks "
             "where the file system can do that. Which of these it was is said at the end.\n\n"
             "Mounts below DIR are not entered: each is an empty directory in the image, and is "
             "named. Of the host's own root, the pool is left out in the same way; any other DIR "
             "that holds the pool is refused. Sockets are left out and counted. A file that "
             "somebody changes meanwhile is told. DIR itself is only read.\n\n"
             "NAME is the image's name. Without it, or with \"-\", it is the last component of "
             "DIR."},
    VerbSpec{
        Verb::ListImages, "list-images", "", 0, 0, Operand::None, "List the images of a class",
        "Shows name, type, whether it is read-only, how much room it takes, and when it was made "
        "and changed, sorted by name; where one is in use also the machine that uses it. All "
        "directories in which systemd looks for images of the class are searched; with --pool= "
        "that one alone.\n\n"
        "Room is exact for disks, and for subvolumes where btrfs quota is on. Of other trees it "
        "is what the last walk found, marked \"~\" unless it is known that nothing has changed "
        "since; --exact walks them all. Names that begin with a dot are hidden unless --all is "
        "given, which also shows what another image shadows, links that lead nowhere, and what "
        "dead jobs have left."},
    VerbSpec{
        Verb::ImageStatus, "image-status", "[NAME...]", 0, kAnyNumber, Operand::Image,
        "Show all that is known of images, or of the pool",
        "Of an image: where it lies, what system it holds, whether it boots as a container, as a "
        "virtual machine, as both or not at all, and why; times, room and limit, who uses "
        "it, the files that belong to it, which settings of its machine count and which of their "
        "lines do not, and where it came from, as it was written down then. "
        "Of a disk no more is read than its partition table, what partitions begin with and "
        "whether firmware finds a loader, and that only where it is the one image asked for. "
        "Without NAME the pool."},
    VerbSpec{
        Verb::ShowImage, "show-image", "[NAME...]", 0, kAnyNumber, Operand::Image,
        "Show properties of images, or of the pool, for scripts",
        "One KEY=VALUE a line, with the names of org.freedesktop.machine1. Sizes are bytes and "
        "times microseconds since 1970; a size that is not known is 18446744073709551615, a "
        "limit that there is not is infinity."},
    VerbSpec{
        Verb::Clone, "clone", "SOURCE NAME", 2, 2, Operand::Image,
        "Make another image like the one of that name",
        "On btrfs a subvolume becomes a snapshot, nested subvolumes included; a disk, and the "
        "files of a tree, share their blocks with the source where the file system can do that "
        "(btrfs, xfs); else everything is copied exactly. Which of these it was is said at the "
        "end, and beforehand with --dry-run. The clone appears when it is whole.\n\n"
        "SOURCE is looked for in every directory in which systemd looks for images of the class; "
        "the clone is made in the pool, under a name that none of them has. The files that belong "
        "to the image come along: settings, also those in /etc/systemd/nspawn, root hashes and "
        "hash trees, the state of TPM and EFI. What cannot come along is an error.\n\n"
        "An image that a machine uses is refused; stop the machine first. With --fresh the clone "
        "is a new machine: what made the source itself is reset, and listed."},
    VerbSpec{
        Verb::Rename, "rename", "NAME NEW", 2, 2, Operand::Image, "Give an image another name",
        "The image is renamed in the directory where it lies, without ever replacing anything; "
        "the files that belong to it, settings in /etc/systemd/nspawn included, get the new "
        "name in the same step. An image that is in use is left alone. Of an image that is a "
        "symbolic link only the link is renamed."},
    VerbSpec{Verb::ReadOnly, "read-only", "NAME [BOOL]", 1, 2, Operand::Image,
             "Mark an image read-only, or writable again",
             "Without BOOL it is yes. A subvolume gets its flag, a directory the immutable flag of "
             "chattr(1) on its top, a disk loses its write permission, a block device is told to "
             "refuse writing. What a symbolic link leads to is not marked. An image that is in use "
             "is left alone."},
    VerbSpec{Verb::Remove, "remove", "NAME...", 1, kAnyNumber, Operand::Image, "Remove images",
             "Every NAME is tried; the exit status is that of the first that could not be removed. "
             "An image that is in use is left alone. Of an image that is a symbolic link only the "
             "link is removed."},
    VerbSpec{
        Verb::SetLimit, "set-limit", "[NAME] BYTES", 1, 2, Operand::Image,
        "Limit how much room a subvolume, or the pool, may take",
        "BYTES may end in K, M, G or T, to the base 1024; \"-\", \"none\" and \"infinity\" take "
        "the limit away. Without NAME the pool is limited as a whole, with all that is and will be "
        "in it; it has to be a subvolume. It is btrfs quota that does it, which is never switched "
        "on "
        "unless --enable-quota asks for it."},
    VerbSpec{
        Verb::Clean, "clean", "", 0, 0, Operand::None, "Remove hidden images and leftovers",
        "Shows the hidden images of the pool, and what dead jobs have left, and asks before "
        "they go; --yes does not ask. With --all every image goes that is not in use. What came "
        "after the question stays, as do layers that an mstack stands on, and images below /usr."},
    VerbSpec{
        Verb::ExportTar, "export-tar", "NAME [FILE]", 1, 2, Operand::Image,
        "Write an image's tree as a tar",
        "To FILE, or without one, or for \"-\", to standard output, which must not be a terminal. "
        "FILE gets its name when it is whole: after a failure, a cancel or a kill there is what "
        "was "
        "there before. The end of its name says how it is packed (.tar, .tar.gz, .tgz, .tar.xz, "
        ".tar.zst, .tar.bz2, .tar.lz4), or --format does.\n\n"
        "The archive holds owners as numbers, times to the nanosecond, ACLs, extended attributes, "
        "hard links and holes. Sockets are left out and counted. The same tree always makes the "
        "same "
        "bytes, however many cores pack it; of gzip below level 4 on the same kind of processor. A "
        "subvolume is read from a snapshot made for it, so that a machine may go on using it; a "
        "directory in use is refused.\n\n"
        "With --sign, FILE, SHA256SUMS and SHA256SUMS.gpg behind a web server are what pull-tar "
        "and "
        "systemd-pull take with --verify=signature."},
    VerbSpec{
        Verb::ExportRaw, "export-raw", "NAME [FILE]", 1, 2, Operand::Image, "Write a disk image",
        "As export-tar, for FILE.raw, .raw.gz, .img and so on. Not packed, holes stay holes, and "
        "FILE shares its blocks with the image where the file system can do that. Of a block "
        "device that nobody uses its content is written."},
    VerbSpec{Verb::ListTransfers, "list-transfers", "", 0, 0, Operand::None,
             "List the transfers that run or wait",
             "Shows number, progress, what is done, class, the image's name and where it comes "
             "from, sorted by name. A transfer that waits for its turn is \"queued\"; \"-\" stands "
             "for what is not known. Needs slipway-importd."},
    VerbSpec{Verb::CancelTransfer, "cancel-transfer", "ID...|--all", 0, kAnyNumber,
             Operand::Transfer, "Cancel transfers and wait for their end",
             "Nothing is left of a transfer that was canceled. Every ID is tried; the exit status "
             "is that of the first that could not be canceled, which it cannot once its image is "
             "stored. Needs slipway-importd."},
    VerbSpec{Verb::Monitor, "monitor", "", 0, 0, Operand::None, "Follow all transfers until C-c",
             "On a terminal a table that is redrawn in place, one line a transfer, with what the "
             "transfers say above it. Elsewhere, and with --json, the events as JSON, one object a "
             "line, each with the number of its \"job\"; \"present\" tells of a transfer that was "
             "there before. C-c ends it, and cancels nothing. Needs slipway-importd."},
    VerbSpec{Verb::History, "history", "[ID]", 0, 1, Operand::EndedTransfer,
             "List the transfers that have ended, or show one of them",
             "Newest first, with the verdict of verification, who asked, and what went wrong. Of "
             "one transfer all that is known is shown: verdict, key, digest, error, attempts and "
             "times. Needs slipway-importd."},
    VerbSpec{Verb::Features, "features", "", 0, 0, Operand::None,
             "Show which fences, codecs, engines and file-system features this host has",
             "Each program that meets bytes from outside raises its fences and says which of them "
             "hold; a fence that the kernel lacks leaves the others standing."},
    VerbSpec{Verb::CacheList, "cache list", "", 0, 0, Operand::None, "List the kept downloads",
             "Shows the SHA-256 of what was published, its URL, how much room it takes with what "
             "belongs to it, when it was kept and used last, and what was proven of it then. That "
             "counts for nothing: a pull proves it again.\n\n"
             "The downloads are those of /var/cache/slipway, which slipway-importd keeps, too; for "
             "others than root, and with --pool=, those of $XDG_CACHE_HOME/slipway, else "
             "~/.cache/slipway. $CACHE_DIRECTORY names another directory."},
    VerbSpec{Verb::CachePrune, "cache prune", "[DIGEST...]", 0, kAnyNumber, Operand::None,
             "Remove kept downloads",
             "Without DIGEST those that are beyond the bounds, 10G and 30 days since the last use "
             "unless importd.conf(5) says something else; with --all all of them. The first "
             "digits of a DIGEST are enough. What was removed, and how much that freed, is said. "
             "One that a transfer reads is left alone."},
    VerbSpec{
        Verb::KeysList, "keys list", "", 0, 0, Operand::None,
        "List the keys that signatures are checked with",
        "Shows fingerprint, owner, expiry, the URLs below which the key counts, and the files that "
        "hold it: those of keys.d, then the key rings of systemd. A key that is pinned nowhere "
        "counts everywhere that is not reserved for another. What cannot be read, and drop-ins "
        "that are wrong, are told on standard error; masked files are not shown."},
    VerbSpec{
        Verb::KeysCheck, "keys check", "", 0, 0, Operand::None,
        "Tell which keys have expired or soon will, and what else is wrong with them",
        "Tells of keys that have expired, or will within 30 days, as a whole or with the last "
        "subkey that signs; of keys that are revoked or weak; of key files and drop-ins that "
        "cannot be read or are wrong; and of drop-ins whose key no file holds. The exit status "
        "is 0 when all is well, and 1 when something is wrong or soon will be."},
    VerbSpec{
        Verb::KeysAdd, "keys add", "FILE|- [NAME]", 1, 2, Operand::File,
        "Add a publisher's key, after its fingerprint was compared",
        "Shows fingerprint, owner and dates of every key in FILE, or on standard input for \"-\", "
        "and asks. Compare the fingerprint with what the publisher says on a page of its own, not "
        "with what lies beside the images: whoever can change those can change a key beside "
        "them. With --fingerprint= the comparison is done here, and nothing is asked. Without a "
        "terminal to ask on, one of --fingerprint= and --yes is needed.\n\n"
        "FILE is stored as it is, as /etc/slipway/keys.d/NAME.asc, or NAME.pub for a minisign key; "
        "with --match= the drop-in NAME.conf is made, which pins its keys to these URLs. Without "
        "NAME it is the name of FILE less its suffix. Secret keys are refused. Nothing is ever "
        "fetched: not from a keyserver, and not from a URL."},
    VerbSpec{
        Verb::KeysRemove, "keys remove", "NAME|FINGERPRINT", 1, 1, Operand::Key, "Take a key away",
        "Shows what will go, and asks; without a terminal --yes is needed. Key file and drop-in of "
        "that name are removed from /etc/slipway/keys.d. What lies in another directory is left "
        "there and masked, by a link to /dev/null in /etc/slipway/keys.d. The key rings of systemd "
        "are never written: a key that lies there, too, still counts, and that is said."},
    VerbSpec{
        Verb::Start, "start", "NAME", 1, 1, Operand::Image, "Boot an image as a machine",
        "Settings come from NAME.nspawn in /etc/systemd/nspawn or /run/systemd/nspawn; without "
        "one there, from the one beside the image, of which only that counts which gives the "
        "machine no more than it has without: the rest is listed.\n\n"
        "Returns when the machine says that it has booted, or with --wait=no as soon as it "
        "runs. It goes on by itself; the image is in use until it ends."},
    VerbSpec{
        Verb::Run, "run", "IMAGE [CMD...]", 1, kAnyNumber, Operand::Image,
        "Run one command in a machine made for it",
        "The image is not booted: CMD is all that runs, without it what Parameters= of the "
        "settings says. What it writes is gone when it has ended, and the image stays as it is: a "
        "subvolume is run as a snapshot; any other image below a file system in memory, in which "
        "users have the numbers of the host's, though none of the rights outside. With "
        "--private-users the files get owners of their own there, for which all of them are "
        "copied into memory. With --in-place it is the image that is written.\n\n"
        "On a terminal the command gets a terminal of the machine's; elsewhere standard input, "
        "output and error are passed on, each apart. C-c, and a signal that would end slipway, "
        "end the command as a poweroff does.\n\n"
        "The exit status is the command's; 255 for one that a signal ended, of which "
        "systemd-nspawn says no more; 128 and the number of a signal that ended slipway; 127 when "
        "there is no such command, 126 when it is no program, and 125 when it could not be run for "
        "another reason. Everything behind IMAGE belongs to the command, options included.",
        1},
    VerbSpec{Verb::Cat, "cat", "NAME...", 1, kAnyNumber, Operand::Image,
             "Show the settings of images' machines",
             "The file that counts, its path in the first line. On standard error stand the lines "
             "of it that do not count, each with the reason, and the files that are not read "
             "because this one stands in their place."},
    VerbSpec{Verb::Edit, "edit", "NAME", 1, 1, Operand::Image,
             "Edit the settings of an image's machine",
             "Opens /etc/systemd/nspawn/NAME.nspawn in $SLIPWAY_EDITOR, $VISUAL or $EDITOR, else "
             "in editor, nano or vi: what is there, or a copy of what counts now, or a template. "
             "What lies in /etc is trusted: of a file that was not, the lines that did not count "
             "are comments in the copy.\n\n"
             "What was made of it is read before it takes the file's place. What is no settings "
             "leaves the file untouched, and the draft where the error says. They count from the "
             "machine's next start on."},
    VerbSpec{Verb::Poweroff, "poweroff", "NAME...", 1, kAnyNumber, Operand::Machine,
             "Power machines off and wait for their end",
             "The machine's first process is asked in the way that it understands: systemd, a "
             "busybox init, a System V init; KillSignal= of its settings counts before that. What "
             "has not ended after 90 s is killed. With --wait=no the end is not waited for."},
    VerbSpec{Verb::Stop, "stop", "NAME...", 1, kAnyNumber, Operand::Machine, "The same as poweroff",
             "The same as poweroff."},
    VerbSpec{Verb::Reboot, "reboot", "NAME...", 1, kAnyNumber, Operand::Machine,
             "Boot machines anew",
             "The machine's first process is asked, as with poweroff. Settings are not read again: "
             "stop and start the machine for that."},
    VerbSpec{Verb::Terminate, "terminate", "NAME...", 1, kAnyNumber, Operand::Machine,
             "Kill machines at once",
             "Everything that runs in the machine is killed, whatever it is doing, and what was "
             "made for it is removed."},
    VerbSpec{Verb::Kill, "kill", "NAME...", 1, kAnyNumber, Operand::Machine,
             "Send a signal to what runs in a machine",
             "To every process, or with --kill-whom=leader to the first one. Without --signal= it "
             "is SIGTERM."},
    VerbSpec{Verb::List, "list", "", 0, 0, Operand::None, "List the machines that run",
             "Shows name, class, what runs it, the system that it says it is, and its first "
             "address; with --json all addresses."},
    VerbSpec{Verb::Status, "status", "NAME...", 1, kAnyNumber, Operand::Machine,
             "Show all that is known of machines that run",
             "Shows state, since when, first process, addresses, system, image, and the last lines "
             "of the console."},
    VerbSpec{
        Verb::Shell, "shell", "[USER@]NAME [CMD...]", 1, kAnyNumber, Operand::Machine,
        "Run a command, or a shell, in a machine",
        "CMD runs as USER, without one as root; without CMD it is the user's shell. On a terminal "
        "it gets a terminal of the machine's; elsewhere standard input, output and error are "
        "passed on, each apart. Everything behind NAME belongs to the command, options "
        "included.\n\n"
        "The exit status is the command's, 128 and the number for one that a signal ended, 127 "
        "when there is no such command, and 125 when it could not be run for another reason.\n\n"
        "The machine's own systemd runs the command, behind the machine's fences. In a machine "
        "without systemd it is a process that joins the machine: with no more capabilities than "
        "the machine has and without new privileges, but without a filter of system calls, which "
        "is said unless --quiet is given.",
        1},
    VerbSpec{
        Verb::CopyTo, "copy-to", "NAME SOURCE [TARGET]", 2, 3, Operand::Machine,
        "Copy a file or directory into a machine that runs",
        "TARGET is the copy's own path, not the directory to put it in; without it, it is SOURCE. "
        "A path in the machine is absolute, and never leads out of it. What has that path already "
        "is left alone; with --force a file or symlink is replaced by one, in one step. The copy "
        "appears when it is whole, or not at all.\n\n"
        "Modes, times, attributes, hard links and holes are kept, and so are owners, by number and "
        "as the machine sees them: what belongs to root of the host belongs to root of the "
        "machine, also in one with users of its own. A number that such a machine does not have "
        "becomes 65534 (nobody). A symlink is copied, not followed; sockets are left out, and of "
        "what is mounted below SOURCE an empty directory or file is made."},
    VerbSpec{Verb::CopyFrom, "copy-from", "NAME SOURCE [TARGET]", 2, 3, Operand::Machine,
             "Copy a file or directory out of a machine that runs",
             "As copy-to, the other way round: what belongs to root of the machine belongs to root "
             "of the host."},
    VerbSpec{Verb::Bind, "bind", "NAME SOURCE [TARGET]", 2, 3, Operand::Machine,
             "Show a directory or file of the host in a machine that runs",
             "SOURCE is mounted at TARGET in the machine, with what is mounted below it; without "
             "TARGET, at SOURCE. TARGET is absolute, never leads out of the machine, and has to be "
             "there: --mkdir makes it. With --read-only the machine writes nothing there. The "
             "mount ends with the machine.\n\n"
             "Owners are seen by number: what belongs to root of the host belongs to root of the "
             "machine there, also in one with users of its own, and without --read-only that root "
             "can write it, and leave programs behind that run as root of the host. A file system "
             "that cannot map users is refused for such a machine."},
    VerbSpec{
        Verb::Console, "console", "NAME", 1, 1, Operand::Machine, "Attach to a machine's console",
        "Shows the newest that the machine has said on its console, then what it says, and "
        "passes on what is typed. Pressing ^] three times within a second leaves the console; the "
        "machine goes on. So does the end of input that comes from no terminal. Any number can be "
        "attached at once; one that does not keep up is put off."},
    VerbSpec{Verb::Log, "log", "NAME", 1, 1, Operand::Machine,
             "Show what a machine has said on its console",
             "The newest 256 KiB are kept as long as the machine runs. On a terminal, colours and "
             "movements are left out and other control characters escaped; elsewhere it is what "
             "the machine has said, byte for byte.\n\n"
             "The journal of a machine that has one: slipway shell NAME journalctl."},
    VerbSpec{Verb::Login, "login", "NAME", 1, 1, Operand::Machine, "Log in to a machine",
             "A terminal of its own with a login prompt where the machine runs systemd; else the "
             "same as console. It is left in the same way."},
    VerbSpec{Verb::Enable, "enable", "NAME...", 1, kAnyNumber, Operand::Image,
             "Start machines whenever the host boots",
             "The host's systemd does it: systemd-nspawn@NAME.service is enabled, and with it "
             "machines.target, as machinectl enable does. On a host without systemd this is "
             "refused: 'slipway start NAME' in the host's own start scripts does the same."},
    VerbSpec{Verb::Disable, "disable", "NAME...", 1, kAnyNumber, Operand::Image,
             "No longer start machines when the host boots",
             "The opposite of enable. Machines that run are left alone."},
    VerbSpec{Verb::Help, "help", "[VERB]", 0, 1, Operand::Verb, "Show help, of one verb if given",
             "The same as --help."},
};

} // namespace

std::span<const VerbSpec> verb_table() noexcept {
    return kVerbs;
}

const VerbSpec& spec_of(Verb verb) noexcept {
    return kVerbs.at(static_cast<std::size_t>(verb));
}

const VerbSpec* find_verb(std::string_view name) noexcept {
    const auto* found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                     [name](const VerbSpec& spec) { return spec.name == name; });
    return found == kVerbs.end() ? nullptr : found;
}

std::vector<std::string_view> first_words() {
    std::vector<std::string_view> words;
    for (const VerbSpec& verb : kVerbs) {
        const std::string_view first = verb.name.substr(0, verb.name.find(' '));
        if (words.empty() || words.back() != first) { // those of one first word stand together
            words.push_back(first);
        }
    }
    return words;
}

std::vector<std::string_view> second_words(std::string_view first) {
    std::vector<std::string_view> words;
    for (const VerbSpec& verb : kVerbs) {
        const std::size_t blank = verb.name.find(' ');
        if (blank != std::string_view::npos && verb.name.substr(0, blank) == first) {
            words.push_back(verb.name.substr(blank + 1));
        }
    }
    return words;
}

} // namespace slipway::cli
