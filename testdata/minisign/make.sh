#!/bin/sh
# Makes the keys and signatures beside it with minisign and signify; the secret keys are thrown away.
set -eu
cd "$(dirname "$0")"
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
signify=$(command -v signify-openbsd || command -v signify)
text="$home/text"
printf 'text\n' >"$text"

minisign -G -W -p key.pub -s "$home/key.sec" >/dev/null
minisign -S -s "$home/key.sec" -m "$text" -x prehashed.minisig
minisign -S -l -s "$home/key.sec" -m "$text" -x legacy.minisig -t 'timestamp:1790000000 text'
"$signify" -G -n -c Publisher -p signify.pub -s "$home/signify.sec"
"$signify" -S -s "$home/signify.sec" -m "$text" -x signify.sig
