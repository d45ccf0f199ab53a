#!/usr/bin/env python3
"""Makes the hostile and odd archives of this folder. `make.py DIR` writes them to DIR.

Headers are put together by hand: what is wanted here is what no tar program writes. Every archive is
made from the same bytes each time. README.md says what each is for.
"""

import gzip
import io
import pathlib
import sys
import tarfile

BLOCK = 512
END = bytes(2 * BLOCK)
MTIME = 1_000_000_000


def octal(number, width):
    return b"%0*o\0" % (width - 1, number)


def base256(number, width):
    return ((1 << (8 * width - 1)) | (number & ((1 << (8 * width - 1)) - 1))).to_bytes(width, "big")


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def header(name, kind=b"0", size=0, link=b"", mode=0o644, uid=0, gid=0, mtime=MTIME,
           major=0, minor=0, magic=b"ustar\00000", tail=b"", raw=None):
    """One header block; `raw` replaces byte ranges, given as {offset: bytes}."""
    block = bytearray(BLOCK)

    def put(offset, value):
        block[offset:offset + len(value)] = value

    put(0, name[:100])
    put(100, octal(mode, 8))
    put(108, uid if isinstance(uid, bytes) else octal(uid, 8))
    put(116, gid if isinstance(gid, bytes) else octal(gid, 8))
    put(124, size if isinstance(size, bytes) else octal(size, 12))
    put(136, mtime if isinstance(mtime, bytes) else octal(mtime, 12))
    put(156, kind)
    put(157, link[:100])
    put(257, magic)
    if kind in (b"3", b"4"):
        put(329, major if isinstance(major, bytes) else octal(major, 8))
        put(337, minor if isinstance(minor, bytes) else octal(minor, 8))
    put(345, tail)
    for offset, value in (raw or {}).items():
        put(offset, value)
    put(148, b" " * 8)
    put(148, b"%06o\0 " % sum(block))
    return bytes(block)


def file(name, data=b"", **more):
    return header(name, size=len(data), **more) + padded(data)


def directory(name, mode=0o755, **more):
    return header(name, kind=b"5", mode=mode, **more)


def symlink(name, target, **more):
    return header(name, kind=b"2", link=target, mode=0o777, **more)


def hardlink(name, target, **more):
    return header(name, kind=b"1", link=target, **more)


def record(key, value):
    body = b" " + key + b"=" + value + b"\n"
    length = len(body)
    while length != len(body) + len(str(length)):
        length = len(body) + len(str(length))
    return str(length).encode() + body


def pax(records, kind=b"x"):
    body = records if isinstance(records, bytes) else b"".join(record(k, v) for k, v in records)
    return header(b"PaxHeaders/x", kind=kind, size=len(body)) + padded(body)


def long_name(name, kind=b"L"):
    return header(b"././@LongLink", kind=kind, size=len(name) + 1,
                  magic=b"ustar  \0") + padded(name + b"\0")


def tree(top=b""):
    """A small operating-system tree beneath `top`."""
    parts = [b"usr/", b"usr/bin/", b"etc/"]
    made = b"".join(directory(top + part) for part in parts)
    return (made + symlink(top + b"bin", b"usr/bin") + file(top + b"usr/bin/true", b"#!\n", mode=0o755)
            + file(top + b"etc/os-release", b"ID=test\n"))


def gnu_sparse(name, pieces, size, data, more=()):
    """Old GNU format: four pieces in the header, 21 in each extension block."""
    def field(number):
        return octal(number, 12) if number >= 0 else base256(number, 12)

    def table(list_of, count):
        out = b"".join(field(offset) + field(length) for offset, length in list_of)
        return out.ljust(24 * count, b"\0")
    extensions = [more[i:i + 21] for i in range(0, len(more), 21)]
    raw = {386: table(pieces, 4), 482: b"\1" if extensions else b"\0", 483: octal(size, 12)}
    out = header(name, kind=b"S", size=len(data), magic=b"ustar  \0", raw=raw)
    for i, extension in enumerate(extensions):
        last = i + 1 == len(extensions)
        out += (table(extension, 21) + (b"\0" if last else b"\1")).ljust(BLOCK, b"\0")
    return out + padded(data)


def sparse_00(name, pieces, size, data):
    records = [(b"GNU.sparse.size", b"%d" % size), (b"GNU.sparse.numblocks", b"%d" % len(pieces))]
    for offset, length in pieces:
        records += [(b"GNU.sparse.offset", b"%d" % offset), (b"GNU.sparse.numbytes", b"%d" % length)]
    return pax(records) + file(name, data)


def sparse_01(name, pieces, size, data):
    numbers = b",".join(b"%d,%d" % piece for piece in pieces)
    return pax([(b"GNU.sparse.size", b"%d" % size), (b"GNU.sparse.numblocks", b"%d" % len(pieces)),
                (b"GNU.sparse.name", name), (b"GNU.sparse.map", numbers)]) + file(b"GNUSparseFile.0/f", data)


def sparse_10(name, pieces, size, data, count=None):
    text = b"%d\n" % (len(pieces) if count is None else count)
    text += b"".join(b"%d\n%d\n" % piece for piece in pieces)
    return pax([(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.name", name),
                (b"GNU.sparse.realsize", b"%d" % size)]) + file(b"GNUSparseFile.0/f", padded(text) + data)


def deep(parts, part=b"d"):
    return b"/".join([part] * parts)


HOLES = [(4096, 512), (65536, 1024), (200000, 0)]
HOLED = b"a" * 512 + b"b" * 1024

ARCHIVES = {
    # Out of the image (A8)
    "dotdot-name": file(b"../outside", b"x"),
    "dotdot-middle": directory(b"a/") + file(b"a/../../outside", b"x"),
    "dotdot-pax": pax([(b"path", b"../outside")]) + file(b"inside", b"x"),
    "dotdot-longname": long_name(b"../outside") + file(b"inside", b"x", magic=b"ustar  \0"),
    "absolute-name": file(b"/outside", b"x"),
    "absolute-directory": directory(b"/etc/") + file(b"/etc/outside", b"x"),
    "symlink-absolute-parent": directory(b"tmp/") + symlink(b"d", b"/tmp") + file(b"d/outside", b"x"),
    "symlink-dotdot-parent": symlink(b"d", b"../../../..") + file(b"d/outside", b"x"),
    "symlink-nowhere-parent": symlink(b"d", b"/tmp") + file(b"d/outside", b"x"),
    "symlink-loop-parent": symlink(b"d", b"d") + file(b"d/outside", b"x"),
    "symlink-chain-parent": symlink(b"a", b"/") + symlink(b"b", b"a/..") + file(b"b/outside", b"x"),
    "symlink-proc-parent": symlink(b"d", b"/proc/self/root") + file(b"d/outside", b"x"),
    "symlink-then-file": symlink(b"f", b"/etc/passwd") + file(b"f", b"x"),
    "symlink-then-device": symlink(b"f", b"/etc/passwd") + header(b"f", kind=b"3", major=1, minor=3),
    "symlink-then-directory": directory(b"etc/") + symlink(b"d", b"/etc") + directory(b"d/", mode=0o777)
    + file(b"d/outside", b"x"),
    "symlink-swapped": directory(b"a/") + directory(b"b/") + symlink(b"s", b"a") + file(b"s/one", b"x")
    + symlink(b"s", b"b") + file(b"s/two", b"x") + symlink(b"s", b"/..") + file(b"s/three", b"x"),
    "directory-then-symlink": directory(b"d/") + file(b"d/f", b"x") + symlink(b"d", b"/etc"),
    "hardlink-dotdot": hardlink(b"h", b"../../../../etc/passwd"),
    "hardlink-absolute": hardlink(b"h", b"/etc/passwd"),
    "hardlink-through-symlink": symlink(b"d", b"/etc") + hardlink(b"h", b"d/passwd"),
    "hardlink-symlink-then-file": symlink(b"s", b"/etc/passwd") + hardlink(b"h", b"s") + file(b"h", b"x"),
    "root-is-a-symlink": symlink(b".", b"/etc"),
    "root-is-a-file": file(b".", b""),
    # Links (A9)
    "hardlink-to-symlink": symlink(b"s", b"nowhere") + hardlink(b"h", b"s"),
    "hardlink-to-later": hardlink(b"h", b"f") + file(b"f", b"x"),
    "hardlink-to-nothing": hardlink(b"h", b"nothing"),
    "hardlink-to-directory": directory(b"d/") + hardlink(b"h", b"d"),
    "hardlink-to-root": hardlink(b"h", b"."),
    "hardlink-to-itself": hardlink(b"h", b"h"),
    "hardlink-repeated": file(b"f", b"x") + hardlink(b"h", b"f") + hardlink(b"h", b"f") + hardlink(b"f", b"h"),
    "hardlink-with-contents": file(b"f", b"x") + pax([(b"size", b"1")]) + hardlink(b"h", b"f")
    + padded(b"x") + file(b"g", b"y"),
    "symlink-empty": symlink(b"s", b""),
    # Twice (A10)
    "file-twice": file(b"f", b"first") + file(b"f", b"second", mode=0o600),
    "file-over-hardlink": file(b"f", b"first") + hardlink(b"h", b"f") + file(b"h", b"second"),
    "file-onto-directory": directory(b"d/") + file(b"d", b"x"),
    "hardlink-onto-directory": directory(b"d/") + file(b"f", b"x") + hardlink(b"d", b"f"),
    "fifo-onto-directory": directory(b"d/") + header(b"d", kind=b"6"),
    "file-under-file": file(b"f", b"x") + file(b"f/g", b"x"),
    "directory-twice": directory(b"d/", mode=0o700) + file(b"d/f", b"x") + directory(b"d/", mode=0o711),
    "directory-by-two-names": directory(b"usr/") + directory(b"usr/lib/") + symlink(b"lib", b"usr/lib")
    + directory(b"lib/x/", mode=0o700) + directory(b"usr/lib/x/", mode=0o711),
    "directory-unlisted": file(b"a/b/c", b"x"),
    "directory-late": file(b"a/b/c", b"x") + directory(b"a/b/", mode=0o500, uid=7) + file(b"a/b/d", b"x"),
    # Names (A11)
    "name-empty": file(b"", b"x"),
    "name-only-slashes": directory(b"///", mode=0o711) + file(b"f", b"x"),
    "name-unnormal": directory(b".//./d//") + file(b"./d/.//f", b"x"),
    "name-255": pax([(b"path", b"n" * 255)]) + file(b"short", b"x"),
    "name-256": pax([(b"path", b"n" * 256)]) + file(b"short", b"x"),
    "path-4095": pax([(b"path", deep(16, b"d" * 250) + b"/" + b"f" * 79)]) + file(b"short", b"x"),
    "path-4096": pax([(b"path", deep(16, b"d" * 250) + b"/" + b"f" * 80)]) + file(b"short", b"x"),
    "depth-256": pax([(b"path", deep(256))]) + directory(b"short/"),
    "depth-257": pax([(b"path", deep(257))]) + directory(b"short/"),
    "depth-by-symlinks": pax([(b"path", deep(200))]) + directory(b"short/")
    + pax([(b"linkpath", deep(200))]) + symlink(b"s", b"short")
    + pax([(b"path", b"s/" + deep(200, b"e"))]) + directory(b"short/"),
    "name-not-utf8": pax([(b"path", b"caf\xe9")]) + file(b"short", b"x") + file(b"r\xe9sum\xe9", b"y"),
    "name-two-forms": pax([(b"path", b"e\xcc\x81")]) + file(b"short", b"decomposed")
    + pax([(b"path", b"\xc3\xa9")]) + file(b"short", b"composed"),
    "name-newline": file(b"new\nline", b"x") + file(b"\x1b[31mred", b"x"),
    "name-dash": file(b"-rf", b"x") + file(b"--", b"x") + file(b"~root", b"x"),
    "name-nul-pax": pax([(b"path", b"seen\0unseen")]) + file(b"short", b"x"),
    "target-nul-pax": pax([(b"linkpath", b"seen\0unseen")]) + symlink(b"s", b"short"),
    # Numbers (A12)
    "owner-large": file(b"f", b"x", uid=base256(3_000_000_000, 8), gid=base256(4_294_967_294, 8)),
    "owner-minus-one": file(b"f", b"x", uid=base256(4_294_967_295, 8)),
    "owner-negative": file(b"f", b"x", gid=base256(-5, 8)),
    "owner-huge": pax([(b"uid", b"99999999999999999999")]) + file(b"f", b"x"),
    "time-negative": pax([(b"mtime", b"-1.5")]) + file(b"f", b"x")
    + file(b"g", b"x", mtime=base256(-86400, 12)),
    "time-nanoseconds": pax([(b"mtime", b"1234567890.123456789"), (b"atime", b"1.5")]) + file(b"f", b"x"),
    "time-far": pax([(b"mtime", b"999999999999")]) + file(b"f", b"x"),
    "time-malformed": pax([(b"mtime", b"yesterday")]) + file(b"f", b"x"),
    "time-overflow": pax([(b"mtime", b"9" * 30)]) + file(b"f", b"x"),
    "size-negative": header(b"f", size=base256(-1, 12)),
    "size-overflow": header(b"f", size=base256(1 << 80, 12)),
    # Kinds (A14)
    "socket-by-mode": file(b"s", b"", mode=0o140755) + file(b"f", b"x"),
    "socket-by-star": pax([(b"SCHILY.filetype", b"socket")]) + file(b"s", b"") + file(b"f", b"x"),
    "devices": header(b"null", kind=b"3", major=1, minor=3, mode=0o666) + header(b"gone", kind=b"3")
    + header(b"disk", kind=b"4", major=8, minor=300, mode=0o660, gid=6) + header(b"pipe", kind=b"6", mode=0o4600, uid=5),
    "device-too-large": header(b"d", kind=b"3", major=4096, minor=0),
    "type-unknown": header(b"f", kind=b"Z"),
    "type-multivolume": header(b"f", kind=b"M", size=0),
    "type-volume-label": header(b"label", kind=b"V", magic=b"ustar  \0") + file(b"f", b"x"),
    # Attributes (A15)
    "xattr-twice-equal": pax([(b"LIBARCHIVE.xattr.user.a", b"dmFsdWU="), (b"SCHILY.xattr.user.a", b"value")])
    + file(b"f", b"x"),
    "xattr-twice-different": pax([(b"LIBARCHIVE.xattr.user.a", b"dmFsdWU="), (b"SCHILY.xattr.user.a", b"other")])
    + file(b"f", b"x"),
    "xattr-too-large": pax([(b"SCHILY.xattr.user.large", b"v" * 70000)]) + file(b"f", b"x"),
    "xattr-unknown-space": pax([(b"SCHILY.xattr.nowhere.a", b"v")]) + file(b"f", b"x"),
    "xattr-on-symlink": pax([(b"SCHILY.xattr.user.a", b"v")]) + symlink(b"s", b"f"),
    "file-flags": pax([(b"SCHILY.fflags", b"nodump")]) + file(b"f", b"x"),
    "xattr-privileged": pax([(b"SCHILY.xattr.trusted.a", b"v"), (b"SCHILY.xattr.security.ima", b"v"),
                             (b"RHT.security.selinux", b"u:r:t:s0"), (b"SCHILY.xattr.trusted.SGI_ACL_FILE", b"v")])
    + file(b"f", b"x"),
    "acl-text": pax([(b"SCHILY.acl.access", b"user::rw-,user:1000:r--,group::r--,mask::r--,other::---")])
    + file(b"f", b"x", mode=0o640),
    "acl-bsdtar": pax([(b"SCHILY.acl.access", b"user::rw-,group::r--,mask::r--,other::---,user:bin:r--:2")])
    + file(b"f", b"x", mode=0o640),
    "acl-name-only": pax([(b"SCHILY.acl.access", b"user::rw-,user:nobody:r--,group::r--,mask::r--,other::---")])
    + file(b"f", b"x", mode=0o640),
    "acl-malformed": pax([(b"SCHILY.acl.access", b"user::rw-,user:1000:banana")]) + file(b"f", b"x"),
    "acl-incomplete": pax([(b"SCHILY.acl.default", b"user:1000:rwx")]) + directory(b"d/"),
    "acl-binary-malformed": pax([(b"SCHILY.xattr.system.posix_acl_access", b"\2\0\0\0\7\7")]) + file(b"f", b"x"),
    "capability-malformed": pax([(b"SCHILY.xattr.security.capability", b"\xff" * 20)]) + file(b"f", b"x"),
    # Holes (A17)
    "sparse-gnu": gnu_sparse(b"f", HOLES, 200000, HOLED),
    "sparse-gnu-extended": gnu_sparse(b"f", [(i * 8192, 512) for i in range(4)], 30 * 8192, b"c" * 512 * 30,
                                      [(i * 8192, 512) for i in range(4, 30)]),
    "sparse-0.0": sparse_00(b"f", HOLES, 200000, HOLED),
    "sparse-0.1": sparse_01(b"f", HOLES, 200000, HOLED),
    "sparse-1.0": sparse_10(b"f", HOLES, 200000, HOLED),
    "sparse-all-hole": sparse_10(b"f", [(200000, 0)], 200000, b""),
    "sparse-overlapping": sparse_10(b"f", [(0, 512), (256, 512), (200000, 0)], 200000, b"a" * 1024),
    "sparse-backwards": sparse_00(b"f", [(65536, 512), (0, 512)], 200000, b"a" * 1024),
    "sparse-beyond-size": sparse_00(b"f", [(0, 512), (199999, 512)], 200000, b"a" * 1024),
    "sparse-huge-offset": sparse_10(b"f", [(1 << 62, 512)], 200000, b"a" * 512),
    "sparse-too-little-data": sparse_00(b"f", [(0, 512), (65536, 1024)], 200000, b"a" * 512),
    "sparse-too-much-data": sparse_00(b"f", [(0, 512)], 200000, b"a" * 2048) + file(b"g", b"x"),
    "sparse-count-lies": sparse_10(b"f", [(0, 512)], 200000, b"a" * 512, count=2_000_000_000),
    "sparse-negative-size": sparse_10(b"f", [(0, 512)], -5, b"a" * 512),
    "sparse-huge-size": sparse_10(b"f", [(0, 512), (1 << 62, 0)], 1 << 62, b"a" * 512),
    "sparse-on-symlink": pax([(b"GNU.sparse.size", b"200000"), (b"GNU.sparse.numblocks", b"0")])
    + symlink(b"s", b"f"),
    "sparse-negative": gnu_sparse(b"f", [(-512, 512)], 200000, b"a" * 512),
    # Cost (A18)
    "size-one-tebibyte": header(b"f", size=base256(1 << 40, 12)),
    "special-headers-33": b"".join(pax([(b"comment", b"c")], kind=b"g") for _ in range(33)) + file(b"f", b"x"),
    "pax-too-large": header(b"PaxHeaders/x", kind=b"x", size=base256(1 << 30, 12)),
    # Structure (A1, A2, A5, A6, A7)
    "checksum-wrong": file(b"f", b"x") + header(b"g").replace(b"g", b"h", 1),
    "pax-malformed-length": pax(b"99 path=x\n") + file(b"f", b"x"),
    "pax-malformed-record": pax(b"6 path\n") + file(b"f", b"x"),
    "pax-no-newline": pax(b"8 path=xy") + file(b"f", b"x"),
    "pax-empty-key": pax(b"5 =x\n\n") + file(b"f", b"x"),
    "pax-twice": pax([(b"path", b"a")]) + pax([(b"path", b"b")]) + file(b"f", b"x"),
    "pax-global-comment": pax([(b"comment", b"0123abcd")], kind=b"g") + file(b"f", b"x"),
    "pax-global-mtime": pax([(b"mtime", b"1")], kind=b"g") + file(b"f", b"x"),
    "pax-without-entry": pax([(b"path", b"a")]),
    "binary-charset": pax([(b"hdrcharset", b"BINARY"), (b"path", b"caf\xe9")]) + file(b"f", b"x"),
    # Shapes (A19, A20)
    "top-alone": directory(b"root.x86_64/", mode=0o711, uid=5, mtime=77) + tree(b"root.x86_64/"),
    "top-unlisted": tree(b"root.x86_64/"),
    "top-with-files": directory(b"root.x86_64/") + tree(b"root.x86_64/") + file(b"pkglist.txt", b"x") + file(b"version", b"x"),
    "top-with-fifo": tree(b"root.x86_64/") + header(b"fifo", kind=b"6"),
    "top-two": tree(b"one/") + tree(b"two/"),
    "top-symlink": directory(b"real/") + tree(b"real/") + symlink(b"root.x86_64", b"real"),
    "top-holds-its-name": directory(b"usr-tree/") + tree(b"usr-tree/") + file(b"usr-tree/usr-tree", b"x"),
    "top-holds-aside-name": directory(b"t/") + tree(b"t/") + file(b"t/.#slipway-top", b"x"),
    "top-is-usr": directory(b"usr/") + directory(b"usr/bin/") + directory(b"usr/etc/") + directory(b"usr/usr/"),
    "top-no-system": directory(b"app/") + file(b"app/main", b"x"),
    "docker-save": directory(b"ab/") + file(b"ab/VERSION", b"1.0") + file(b"ab/json", b"{}")
    + file(b"ab/layer.tar", bytes(1024)) + file(b"manifest.json", b"[]") + file(b"repositories", b"{}"),
    "docker-save-oci": directory(b"blobs/") + directory(b"blobs/sha256/") + file(b"blobs/sha256/00", b"{}")
    + file(b"index.json", b"{}") + file(b"manifest.json", b"[]") + file(b"oci-layout", b"{}"),
    "oci-layout": directory(b"blobs/") + directory(b"blobs/sha256/") + file(b"blobs/sha256/00", b"{}")
    + file(b"index.json", b"{}") + file(b"oci-layout", b"{}"),
    "one-gpt-disk": file(b"disk.raw", bytes(512) + b"EFI PART" + bytes(1000)),
    "one-qcow2-disk": directory(b"images/") + file(b"images/a", b"QFI\xfb" + bytes(100)),
    "one-blank-disk": file(b"disk.img", bytes(2048)),
    "one-sparse-disk": sparse_10(b"disk", [(510, 2), (1 << 20, 0)], 1 << 20, b"\x55\xaa"),
}

# Without the two blocks of zeros at the end, or with something behind them.
BARE = {
    "end-missing": file(b"f", b"x"),
    "end-cut-in-header": file(b"f", b"x") + header(b"g")[:300],
    "end-cut-in-data": file(b"f", b"x") + header(b"g", size=2000) + b"y" * 1000,
    "end-cut-in-padding": file(b"f", b"x") + header(b"g", size=100) + b"y" * 100,
    "end-cut-in-pax": file(b"f", b"x") + pax([(b"path", b"g" * 600)])[:700],
    "end-one-block": file(b"f", b"x") + bytes(BLOCK),
    "end-garbage": file(b"f", b"x") + END + bytes(700) + b"garbage" + bytes(100),
    "end-garbage-after-one": file(b"f", b"x") + bytes(BLOCK) + b"garbage".ljust(BLOCK, b"!"),
    "end-second-archive": file(b"f", b"x") + END + file(b"g", b"y") + END,
    "end-padding": file(b"f", b"x") + END + bytes(50_000),
    "no-entries": END,
    "empty": b"",
    "zeros-disk": bytes(1080) + b"\x53\xef" + bytes(2000),
}


def not_archives():
    """What else people give to pull-tar."""
    gpt = bytes(510) + b"\x55\xaa" + b"EFI PART" + bytes(2000)
    html = b"\r\n<!DOCTYPE HTML>\n<html><body>Please log in</body></html>\n"
    inner = gzip.compress(b"".join([file(b"f", b"x"), END]), mtime=0)
    return {
        "qcow2": b"QFI\xfb\0\0\0\3" + bytes(600), "gpt": gpt, "squashfs": b"hsqs" + bytes(600),
        "cpio": b"070701" + b"0" * 104 + bytes(600), "zip": b"PK\3\4" + bytes(600), "html": html,
        "twice-packed": inner, "text": b"ID=debian\nVERSION=12\n" * 40, "short": b"hello",
    }


def docker_shape():
    """As docker export writes a tree: pax only where needed, whole seconds, no leading "./"."""
    out = io.BytesIO()
    capability = b"\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0".decode("utf-8", "surrogateescape")
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        def add(name, kind=tarfile.REGTYPE, data=b"", **fields):
            info = tarfile.TarInfo(name)
            info.type, info.size, info.mtime, info.mode = kind, len(data), MTIME, 0o755
            for field, value in fields.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(data))
        add(".dockerenv", mode=0o755)
        add("bin", tarfile.SYMTYPE, linkname="usr/bin", mode=0o777)
        add("dev/", tarfile.DIRTYPE)
        add("dev/console", data=b"", mode=0o755)
        add("etc/", tarfile.DIRTYPE)
        add("etc/hostname", data=b"", mode=0o644)
        add("usr/", tarfile.DIRTYPE)
        add("usr/bin/", tarfile.DIRTYPE)
        add("usr/bin/ping", data=b"ELF", pax_headers={"SCHILY.xattr.security.capability": capability})
        add("usr/bin/" + "long" * 40, data=b"ELF", uid=1000, gid=1000)
        add("usr/bin/ping4", tarfile.LNKTYPE, linkname="usr/bin/ping")
    return out.getvalue()


def main():
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    for name, data in ARCHIVES.items():
        (target / (name + ".tar")).write_bytes(data + END)
    for name, data in BARE.items():
        (target / (name + ".tar")).write_bytes(data)
    for name, data in not_archives().items():
        (target / ("not-" + name)).write_bytes(data)
    (target / "docker-export.tar").write_bytes(docker_shape())


main()
