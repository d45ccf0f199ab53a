#!/usr/bin/env python3
"""Makes the qcow2 images of this directory: small ones that are right, and ones with one fault each,
by which they are named. Clusters have 512 bytes, so that a whole image has a few KiB.
Usage: make.py DIRECTORY"""

import pathlib
import struct
import sys
import zlib

CLUSTER = 512
COPIED = 1 << 63
PACKED = 1 << 62

# Where things lie in the images that are right.
REFCOUNTS, BLOCK, L1, L2, DATA = (CLUSTER * n for n in range(1, 6))
SIZE = 64 * CLUSTER  # one L2 table


def header(version=3, **changed):
    fields = dict(magic=b"QFI\xfb", version=version, backing=0, backing_size=0, cluster_bits=9,
                  size=SIZE, crypt=0, l1_size=1, l1=L1, refcounts=REFCOUNTS, refcount_clusters=1,
                  snapshots=0, snapshots_at=0, incompatible=0, compatible=0, autoclear=0,
                  refcount_order=4, length=104, compression=b"", extensions=b"")
    fields.update(changed)
    f = fields
    text = f["magic"] + struct.pack(">IQIIQIIQQIIQ", f["version"], f["backing"], f["backing_size"],
                                    f["cluster_bits"], f["size"], f["crypt"], f["l1_size"], f["l1"],
                                    f["refcounts"], f["refcount_clusters"], f["snapshots"],
                                    f["snapshots_at"])
    if f["version"] >= 3:
        text += struct.pack(">QQQII", f["incompatible"], f["compatible"], f["autoclear"],
                            f["refcount_order"], f["length"])
        text += f["compression"]
    return text + f["extensions"]


def extension(kind, data):
    return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)


def table(*entries):
    return struct.pack(f">{len(entries)}Q", *entries)


def pad(text, size=CLUSTER):
    return text + bytes(-len(text) % size)


def cluster_of(letter):
    return letter.encode() * CLUSTER


def deflate(text):
    engine = zlib.compressobj(9, zlib.DEFLATED, -12)
    return engine.compress(text) + engine.flush()


def zstd(text, window_log=10):
    """A frame of one block that is not compressed (RFC 8878, 3.1.1)."""
    return (b"\x28\xb5\x2f\xfd" + bytes([0, (window_log - 10) << 3]) +
            struct.pack("<I", len(text) << 3 | 1)[:3] + text)


def packed_entry(offset, length):
    """Of clusters of 512 bytes: 61 bits of offset, one bit of further sectors."""
    sectors = (offset + length - 1) // 512 - offset // 512
    return PACKED | sectors << 61 | offset


def image(head=None, l1=None, l2=None, data=(b"",), refcounts=None):
    """Header, reference counts, L1, L2 and data, each at its place."""
    refcounts = table(BLOCK) if refcounts is None else refcounts
    l1 = table(COPIED | L2) if l1 is None else l1
    l2 = table(COPIED | DATA) if l2 is None else l2
    return (pad(head or header()) + pad(refcounts) + pad(struct.pack(">8H", *[1] * 8)) + pad(l1) +
            pad(l2) + b"".join(data))


def write(name, content):
    (pathlib.Path(sys.argv[1]) / f"{name}.qcow2").write_bytes(content)


A, B = cluster_of("a"), cluster_of("b")

# Right.
two = table(COPIED | DATA, 0, COPIED | (DATA + CLUSTER))
write("right-v2", image(header(version=2), l2=two, data=(A, B)))
write("right-v3", image(l2=two, data=(A, B)))
write("right-zeros", image(l2=table(1, COPIED | DATA | 1, COPIED | (DATA + CLUSTER)), data=(A, B)))
write("right-dirty", image(header(incompatible=1), data=(A,)))
one, other = deflate(A), deflate(bytes(range(256)) * 2)
write("right-zlib", image(l2=table(packed_entry(DATA, len(one)), 0,
                                   packed_entry(DATA + len(one), len(other))), data=(one, other)))
ZSTD = dict(incompatible=8, length=112, compression=b"\x01" + bytes(7))
one, other = zstd(A), zstd(bytes(range(256)) * 2)
write("right-zstd", image(header(**ZSTD), l2=table(packed_entry(DATA, len(one)), 0,
                                                   packed_entry(DATA + len(one), len(other))),
                          data=(one, other)))
# Data, then the L2 table, then the L1 table: nothing can be told when it comes by.
write("right-backwards", pad(header(l1=5 * CLUSTER)) + pad(table(2 * CLUSTER)) + bytes(CLUSTER) + A +
      pad(table(COPIED | 3 * CLUSTER)) + table(COPIED | 4 * CLUSTER))
write("right-empty-disk", image(header(size=0, l1_size=0, l1=0)))

# Refused by name.
write("backing-file", image(header(backing=400, backing_size=11) + bytes(296) + b"/etc/passwd"))
write("backing-file-name-outside", image(header(backing=1 << 40, backing_size=11)))
write("data-file", image(header(incompatible=4, extensions=extension(0x44415441, b"/etc/shadow"))))
write("encrypted-aes", image(header(crypt=1)))
write("encrypted-luks", image(header(crypt=2)))
write("corrupt-bit", image(header(incompatible=2)))
write("unknown-bit", image(header(incompatible=1 << 7, extensions=extension(
    0x6803f857, b"\0\x07" + b"time travel".ljust(46, b"\0")))))
write("unknown-bit-63", image(header(incompatible=1 << 63)))
write("version-1", image(header(version=1)))
write("version-4", image(header(version=4)))
write("compression-unknown", image(header(incompatible=8, length=112,
                                          compression=b"\x09" + bytes(7))))

# Headers that cannot be true.
write("header-cut", header()[:90])
write("header-length", image(header(length=1 << 31)))
write("compression-missing", image(header(incompatible=8)))
write("compression-without-bit", image(header(length=112, compression=b"\x01" + bytes(7))))
for bits in (0, 8, 22, 64):
    write(f"cluster-bits-{bits}", image(header(cluster_bits=bits)))
write("extended-small-clusters", image(header(incompatible=16)))
write("size-8eib", image(header(size=1 << 63)))
write("size-below-8eib", image(header(size=(1 << 63) - 512, cluster_bits=21, l1_size=1 << 31)))
write("size-no-sectors", image(header(size=1000)))
write("size-l1-overflow", image(header(size=1 << 40, l1_size=0xffffffff)))
write("l1-short", image(header(size=2 * SIZE)))
write("l1-unaligned", image(header(l1=L1 + 8)))
write("l1-nowhere", image(header(l1=0)))
write("l1-high", image(header(l1=1 << 60)))

# Tables that lead astray.
write("l1-outside", image(header(l1=1 << 30)))
write("l1-over-l2", image(header(size=1 << 31, l1_size=1 << 16)))
write("l2-outside", image(l1=table(COPIED | 1 << 40)))
LARGE = dict(cluster_bits=12, size=1 << 20, l1=0x1000, refcount_clusters=0)
write("l2-unaligned", pad(header(**LARGE), 0x1000) + table(COPIED | 0x1200))
write("l2-is-l1", image(l1=table(COPIED | L1)))
write("l2-is-data", image(header(size=2 * SIZE, l1_size=2), l1=table(COPIED | L2, COPIED | DATA),
                          data=(A,)))
write("l2-twice", image(header(size=2 * SIZE, l1_size=2), l1=table(COPIED | L2, COPIED | L2),
                        data=(A,)))
write("data-outside", image(l2=table(COPIED | 1 << 50), data=(A,)))
write("data-just-outside", image(l2=table(COPIED | DATA, COPIED | (DATA + CLUSTER)), data=(A,)))
write("data-twice", image(l2=table(COPIED | DATA, COPIED | DATA), data=(A,)))
write("data-is-l1", image(l2=table(COPIED | L1), data=(A,)))
write("data-is-l2", image(l2=table(COPIED | L2), data=(A,)))
write("data-unaligned", pad(header(**LARGE), 0x1000) + pad(table(COPIED | 0x2000), 0x1000) +
      pad(table(COPIED | 0x3200), 0x1000) + bytes(0x1000))
write("refcounts-over-data", image(header(refcounts=DATA), data=(pad(table(1 << 40)),)))
write("cut-in-l1", image()[:L1 + 3])
write("cut-in-l2", image()[:L2 + 300])
write("cut-in-data", image(data=(A,))[:DATA + 100])

# Compressed clusters.
one = deflate(A)
write("packed-outside", image(l2=table(packed_entry(1 << 40, 100)), data=(one,)))
write("packed-long-outside", image(l2=table(PACKED | 1 << 61 | DATA), data=(one,)))
write("packed-in-header", image(l2=table(packed_entry(100, 100)), data=(one,)))
write("packed-in-l2", image(l2=table(packed_entry(L2, 100)), data=(one,)))
write("packed-garbage", image(l2=table(packed_entry(DATA, 300)), data=(b"\xfe" * CLUSTER,)))
short, long = deflate(A[:-1]), deflate(A + b"a")
write("packed-short", image(l2=table(packed_entry(DATA, len(short))), data=(pad(short),)))
write("packed-long", image(l2=table(packed_entry(DATA, len(long))), data=(pad(long),)))
noise = bytes((i * i * 7 + i // 3) % 251 for i in range(CLUSTER))
cut = deflate(noise)
write("packed-cut", image(l2=table(packed_entry(DATA, len(cut))), data=(cut,))[:-40])
write("zstd-garbage", image(header(**ZSTD), l2=table(packed_entry(DATA, 300)),
                            data=(b"\xfe" * CLUSTER,)))
frame = zstd(A, window_log=30)
write("zstd-window", image(header(**ZSTD), l2=table(packed_entry(DATA, len(frame))),
                           data=(pad(frame),)))
short = zstd(A[:-1])
write("zstd-short", image(header(**ZSTD), l2=table(packed_entry(DATA, len(short))),
                          data=(pad(short),)))
long = zstd(A + b"a")
write("zstd-long", image(header(**ZSTD), l2=table(packed_entry(DATA, len(long))),
                         data=(pad(long),)))
