#!/bin/sh
# Writes the disks in this directory, as small as their tables let them be: the seeds of
# tests/fuzz/partition_fuzz. Run it where sfdisk, fdisk, mkfs.vfat and mtools are installed.
set -eu
cd "$(dirname "$0")"

disk() { # FILE SIZE, the script of sfdisk on standard input
    rm -f "$1"
    truncate -s "$2" "$1"
    sfdisk --quiet --no-reread --no-tell-kernel "$1"
}
id=00000000-0000-4000-8000-00000000000
esp=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
root=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
bios=21686148-6449-6E6F-744E-656564454649

disk gpt 16K <<EOF
label: gpt
label-id: ${id}1
table-length: 4
first-lba: 3
start=3, size=8, type=$bios, uuid=${id}2
start=11, size=16, type=$root, uuid=${id}3, name="root-ü", attrs="LegacyBIOSBootable GUID:63"
EOF

disk gpt-esp 64K <<EOF
label: gpt
label-id: ${id}1
table-length: 4
first-lba: 3
start=3, size=110, type=$esp, uuid=${id}2
EOF
mkfs.vfat -F 12 -i 12345678 --offset 3 -r 16 gpt-esp 55 >/dev/null
export SOURCE_DATE_EPOCH=1700000000 TZ=UTC
mmd -i gpt-esp@@1536 ::/EFI ::/EFI/BOOT
printf MZ >loader
touch -d @1700000000 loader
mcopy -m -i gpt-esp@@1536 loader ::/EFI/BOOT/BOOTX64.EFI
rm loader

# The same with sectors of 4096 bytes, which only fdisk is told.
rm -f gpt-4096
truncate -s 64K gpt-4096
printf 'g\nx\nl\n4\nr\nn\n1\n\n\nw\n' | fdisk --sector-size 4096 gpt-4096 >/dev/null

disk hybrid 16K <<EOF
label: gpt
label-id: ${id}1
table-length: 4
first-lba: 3
start=3, size=16, type=$root, uuid=${id}2
EOF
# gdisk's way: a second entry of the MBR for the same place, of type 83.
printf '\200\0\0\0\203\0\0\0\003\0\0\0\020\0\0\0' | dd of=hybrid bs=1 seek=462 conv=notrunc status=none

disk mbr 8K <<EOF
label: dos
label-id: 0x12345678
start=1, size=4, type=83, bootable
start=5, size=4, type=ef
EOF
printf '\353\143\220' | dd of=mbr conv=notrunc status=none

disk extended 16K <<EOF
label: dos
label-id: 0x12345678
start=1, size=2, type=83
start=3, size=20, type=f
start=4, size=2, type=83
start=7, size=2, type=82
start=10, size=2, type=83
EOF
