"""File systems of their own, on loop devices whose files lie in a tmpfs of its own, in a mount
namespace of its own: when this process ends, however it ends, nothing of them is left."""

import ctypes
import os
import subprocess
from pathlib import Path

CLONE_NEWNS = 0x00020000
MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-F"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}

SUBVOLUME_INODE = 256


def quietly(*command: str) -> None:
    subprocess.run(command, check=False, capture_output=True)


def enter_own_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a mount namespace (this needs root)")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def mount_tmpfs(directory: Path, size_gib: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_gib}G", "bench", str(directory)],
                   check=True)


class LoopFs:
    def __init__(self, kind: str, below: Path, size_gib: int = 4):
        self.kind = kind
        image = below / f"{kind}.img"
        with open(image, "wb") as file:
            file.truncate(size_gib << 30)
        subprocess.run([*MAKE[kind], str(image)], check=True, stdout=subprocess.DEVNULL)
        self.root = below / kind
        self.root.mkdir()
        subprocess.run(["mount", "-o", "loop", str(image), str(self.root)], check=True)
        device = subprocess.run(["findmnt", "-no", "SOURCE", str(self.root)], check=True,
                                capture_output=True, text=True).stdout.strip()
        self.device = Path(device).name

    def flushes(self) -> int:
        """Flush requests that the device has completed (Documentation/block/stat.rst, field 16)."""
        return int(Path(f"/sys/block/{self.device}/stat").read_text().split()[15])

    def empty(self, keep: tuple[str, ...] = ()) -> None:
        """Removes everything but `keep`, what systemd-pull marked immutable or read-only too."""
        for path in self.root.iterdir():
            if path.name in ("lost+found", *keep):
                continue
            for image in path.iterdir() if self.kind == "btrfs" else ():
                if image.stat().st_ino == SUBVOLUME_INODE:
                    quietly("btrfs", "property", "set", "-ts", str(image), "ro", "false")
            quietly("chattr", "-R", "-f", "-i", str(path))
            quietly("rm", "-rf", str(path))
            if path.exists():
                raise OSError(f"{path} is not to be removed")
        subprocess.run(["sync", "-f", str(self.root)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.root)], check=True)
