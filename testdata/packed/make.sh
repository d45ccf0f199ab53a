#!/bin/sh
# Writes the packed samples in this directory: the seeds of tests/fuzz/decode_fuzz. Run it where
# gzip, pigz, xz, zstd, bzip2 and lz4 are installed; the samples differ a little with the versions.
set -eu
cd "$(dirname "$0")"
content() { seq 1 150; printf '%0200d' 0; }
small() { printf 'content\n'; }

content | gzip -9n > one-member.gz
{ small | gzip -n; small | gzip -n; } > two-members.gz
{ small | gzip -n; head -c 600 /dev/zero; } > padded.gz
{ small | gzip -n; printf '<html>'; } > garbage-behind.gz
content | pigz -11 -n > pigz-11.gz
head -c 400 one-member.gz | gzip -1n > stored.gz

content | xz -T1 > one-block.xz
content | xz -T2 --block-size=200 > many-blocks.xz
{ small | xz -Csha256; printf '\0\0\0\0'; small | xz -Cnone; } > two-streams.xz
content | xz --delta=dist=1 --lzma2=dict=4KiB > filters.xz

content | zstd -q -19 > one-frame.zst
{ small | zstd -q; small | zstd -q --no-check; } > two-frames.zst
{ printf '\123\052\115\030\004\000\000\000skip'; small | zstd -q; } > skippable.zst
content | zstd -q --long=24 > long.zst

content | bzip2 > one-stream.bz2
{ small | bzip2; small | bzip2 -1; } > two-streams.bz2

content | lz4 -q -9 > one-frame.lz4
{ small | lz4 -q -BD -B4 -BX; small | lz4 -q --no-frame-crc; } > two-frames.lz4
{ printf '\120\052\115\030\004\000\000\000skip'; small | lz4 -q; } > skippable.lz4
small | lz4 -q -l > legacy.lz4
