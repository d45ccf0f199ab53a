"""The images that are measured: a Debian tree by mmdebstrap where that works, else a synthetic one
of the same shape, and a sparse disk with its files on it; packed once and kept."""

import hashlib
import io
import os
import random
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

PACKERS = {
    "tar.gz": ["gzip", "-9nc"],
    "one.tar.xz": ["xz", "-T1", "-c"],
    "many.tar.xz": ["xz", "-T2", "--block-size=25165824", "-c"],
    "tar.zst": ["zstd", "-q", "-3", "-c"],
}

QEMU = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2"]
DISK_PACKERS = {
    "raw.gz": ["sh", "-c", "gzip -9nc \"$0\" > \"$1\""],
    "zlib.qcow2": [*QEMU, "-c"],
    "zstd.qcow2": [*QEMU, "-c", "-o", "compression_type=zstd"],
}
DISK_BYTES = 1536 << 20


@dataclass(frozen=True)
class Corpus:
    directory: Path
    files: int
    size_mb: float

    def path(self, kind: str) -> Path:
        return self.directory / f"{'disk' if kind in DISK_PACKERS else 'tree'}.{kind}"


def debian_tree(path: Path) -> bool:
    if shutil.which("mmdebstrap") is None:
        return False
    # apt knows its own proxy; every other proxy variable would only be in the way.
    environment = {name: value for name, value in os.environ.items()
                   if not name.lower().endswith("_proxy")}
    command = ["mmdebstrap", "--quiet", "--variant=minbase",
               "--include=systemd,systemd-sysv,dbus", "bookworm", str(path)]
    return subprocess.run(command, env=environment, check=False).returncode == 0


def synthetic_tree(path: Path, files: int = 10_000, seed: int = 1) -> None:
    """As many files as a Debian tree has, sizes spread as there, content that packs about as well."""
    dice = random.Random(seed)
    words = [bytes(dice.choices(range(256), k=dice.randint(2, 12))) for _ in range(4000)]
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for i in range(files):
            if i % 12 == 0:
                folder = tarfile.TarInfo(f"usr/share/d{i // 120}/e{i // 12}")
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(folder)
            size = int(min(dice.lognormvariate(7.4, 2.2), 30e6))
            content = bytearray()
            while len(content) < size:
                content += b"".join(dice.choices(words, k=64))
            entry = tarfile.TarInfo(f"usr/share/d{i // 120}/e{i // 12}/f{i}")
            entry.size, entry.mode, entry.mtime = size, 0o644, 1_700_000_000 + i
            archive.addfile(entry, io.BytesIO(content[:size]))


def small_files(path: Path, files: int) -> None:
    """A tree of `files` tiny files: for what must not grow with their number."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        folder = tarfile.TarInfo("usr")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        for i in range(files):
            entry = tarfile.TarInfo(f"usr/f{i}")
            entry.size, entry.mode = 100, 0o644
            archive.addfile(entry, io.BytesIO(b"x" * 100))


def disk(path: Path, tree: Path, scratch: Path) -> None:
    """A sparse disk with a file system in which the tree lies."""
    with tempfile.TemporaryDirectory(dir=scratch) as files:
        subprocess.run(["tar", "--numeric-owner", "-xpf", str(tree), "-C", files], check=True)
        with open(path, "wb") as image:
            image.truncate(DISK_BYTES)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-d", files, str(path)], check=True)


def pack_disks(directory: Path) -> None:
    raw = directory / "disk.raw"
    if not raw.exists():
        fresh = directory / "fresh"
        disk(fresh, directory / "tree.tar", directory)
        fresh.rename(raw)
    for kind, command in DISK_PACKERS.items():
        packed = directory / f"disk.{kind}"
        if not packed.exists():
            fresh = directory / "fresh"
            subprocess.run([*command, str(raw), str(fresh)], check=True)
            fresh.rename(packed)


def write_checksums(directory: Path) -> None:
    """FILE.sha256 beside each: what both sides ask for first."""
    for path in (*directory.glob("*.tar*"), *directory.glob("disk.*")):
        if path.suffix != ".sha256":
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")


def plain_tree(directory: Path, tree: Path | None) -> Path:
    """tree.tar in `directory`, made there unless it already is. `tree`: a tar to take as it is."""
    directory.mkdir(parents=True, exist_ok=True)
    tar = directory / "tree.tar"
    if not tar.exists():
        fresh = directory / "fresh.tar"
        if tree is not None:
            shutil.copyfile(tree, fresh)
        elif not debian_tree(fresh):
            print("no Debian tree to be had: a synthetic one of the same shape is taken", flush=True)
            synthetic_tree(fresh)
        fresh.rename(tar)
    return tar


def build(directory: Path, tree: Path | None) -> Corpus:
    """The corpus in `directory`, made there unless it already is. `tree`: as plain_tree()."""
    tar = plain_tree(directory, tree)
    for kind, command in PACKERS.items():
        packed = directory / f"tree.{kind}"
        if not packed.exists():
            fresh = directory / "fresh"
            with open(tar, "rb") as source, open(fresh, "wb") as target:
                subprocess.run(command, stdin=source, stdout=target, check=True)
            fresh.rename(packed)
    for files in (1000, 10_000):
        path = directory / f"small-{files}.tar"
        if not path.exists():
            small_files(path, files)
    pack_disks(directory)
    write_checksums(directory)
    with tarfile.open(tar) as archive:
        count = sum(1 for _ in archive)
    return Corpus(directory, count, tar.stat().st_size / 1e6)
