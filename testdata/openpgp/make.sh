#!/bin/sh
# Makes the key rings and signatures beside it with gpg, in a home of its own.
set -eu
cd "$(dirname "$0")"
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --homedir "$GNUPGHOME" --kill all; rm -rf "$GNUPGHOME"' EXIT
gpg() {
    command gpg --batch --yes --quiet --pinentry-mode loopback --passphrase '' "$@"
}

gpg --quick-gen-key 'One <one@example.org>' ed25519 sign never
gpg --quick-add-key "$(gpg --with-colons --list-keys one@example.org | sed -n 's/^fpr:*\([^:]*\):$/\1/p' | head -n 1)" \
    rsa2048 sign never
gpg --quick-gen-key 'Two <two@example.org>' rsa1024 sign never
gpg --output ring.gpg --export
gpg --output ring.asc --armor --export
cp "$GNUPGHOME/pubring.kbx" ring.kbx
chmod 644 ring.kbx
printf 'text\n' | gpg -u one@example.org -u two@example.org --output detached.gpg --detach-sign -
printf 'text\n' | gpg -u one@example.org -u two@example.org --output detached.asc --armor --detach-sign -
printf -- '- text\nmore  \n' | gpg -u one@example.org --output clearsigned.asc --clearsign -
