#!/bin/sh
# Makes the documents beside it.
set -eu
cd "$(dirname "$0")"
a64=$(printf 'a%.0s' $(seq 64))
b64=$(printf 'b%.0s' $(seq 64))
c128=$(printf 'c%.0s' $(seq 128))
d32=$(printf 'd%.0s' $(seq 32))

printf '%s  a.img\n%s *./b.img\n%s c.img\n' "$a64" "$b64" "$a64" >gnu
printf '# a.img: 12 bytes\nSHA256 (a.img) = %s\nSHA256 (a.img) = %s\nSHA512(b.img)= %s\n' \
    "$a64" "$a64" "$c128" >bsd-sizes
printf '# MD5 HASH\n%s  a.img\n# BLAKE2 (b2sum) HASH\n%s  a.img\n# SHA512 HASH\n%s  a.img.CONTENTS.gz\n' \
    "$d32" "$c128" "$c128" >sections
printf '%s\n' "$c128" >bare
printf '\357\273\277\\%s  a\\\\b\\nc.img\r\n%s  a.img\r\n' "$a64" "$b64" >escaped
printf 'before\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n- # a\n%s  a.img\n%s\n\nMTIzNDU2Nzg5\n=Ic8C\n%s\nafter\n' \
    "$a64" '-----BEGIN PGP SIGNATURE-----' '-----END PGP SIGNATURE-----' >clearsigned
printf '<!DOCTYPE html>\n<html><body>404 - %s  a.img</body></html>\n' "$a64" >html
