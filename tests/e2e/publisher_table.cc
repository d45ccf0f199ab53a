// The table of the publishers. Names and shapes are those that they use; versions and dates are
// examples. Longer than a file should be: it is one table.

#include "tests/e2e/publisher_row.hh"

namespace slipway::tests {
namespace {

using Content = ImageShape::Content;
using Row = PublisherRow;
using enum VerdictWord;

const ImageShape kTreeGz{Content::System, ".gz"};
const ImageShape kTreeXz{Content::System, ".xz"};
const ImageShape kQcow2{Content::Qcow2};

// A signed document decides: the list's or sidecar's signature is the proof.
const ExpectedWords kSignedDocument{};

// Unsigned documents, and a signature over the image: what was read must agree.
const ExpectedWords kSignedImage{.digest_changed = DigestMismatch};

// Documents, and no signature anywhere.
const ExpectedWords kUnsigned{.digest_changed = DigestMismatch,
                              .foreign_key = {},
                              .signature_gone = {},
                              .signature_asked = Unsigned};

SignatureFile armored(std::string name) {
    return {SignatureKind::Armored, std::move(name)};
}
SignatureFile binary(std::string name) {
    return {SignatureKind::Binary, std::move(name)};
}
const SignatureFile kInPlace{SignatureKind::InPlace};

std::vector<Row> debian_and_ubuntu() {
    return {
        {.publisher = "Debian cloud",
         .url = "http://cloud.debian.org/images/cloud/trixie/latest/debian-13-generic-amd64.qcow2",
         .image = kQcow2,
         .documents = {{.name = "SHA512SUMS", .algorithms = {"sha512"}}},
         .verify = "checksum",
         .words = kUnsigned},
        {.publisher = "Debian cloud, tar of a disk",
         .url = "http://cloud.debian.org/images/cloud/trixie/20261118-2301/"
                "debian-13-nocloud-amd64-20261118-2301.tar.xz",
         .image = {Content::DiskInTar, ".xz"},
         .documents = {{.name = "SHA512SUMS", .algorithms = {"sha512"}}},
         .verify = "checksum",
         .words = kUnsigned,
         .like_above = true},
        {.publisher = "Ubuntu cloud",
         .url = "http://cloud-images.ubuntu.com/noble/current/"
                "noble-server-cloudimg-amd64-root.tar.xz",
         .image = kTreeXz,
         .documents = {{.name = "SHA256SUMS",
                        .grammar = Grammar::GnuBinary,
                        .signatures = {armored("SHA256SUMS.gpg")}},
                       {.name = "MD5SUMS", .algorithms = {"md5"}}}},
        {.publisher = "Ubuntu cloud, disk",
         .url = "http://cloud-images.ubuntu.com/releases/noble/release-20261120/"
                "ubuntu-24.04-server-cloudimg-amd64.img",
         .image = kQcow2,
         .documents = {{.name = "SHA256SUMS",
                        .grammar = Grammar::GnuBinary,
                        .signatures = {armored("SHA256SUMS.gpg")}}},
         .like_above = true},
    };
}

std::vector<Row> fedora() {
    const std::string releases = "http://download.fedoraproject.org/pub/fedora/linux/releases/";
    const std::string mirror = "http://mirror.example.net/fedora/";
    const auto list = [](std::string name) {
        return ChecksumDocument{
            .name = std::move(name), .grammar = Grammar::BsdSizes, .signatures = {kInPlace}};
    };
    return {
        {.publisher = "Fedora Cloud",
         .url = releases + "44/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2",
         .image = kQcow2,
         .documents = {list("Fedora-Cloud-44-1.7-x86_64-CHECKSUM")},
         .mirror = mirror + "44/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2"},
        {.publisher = "Fedora Cloud 40",
         .url = releases + "40/Cloud/x86_64/images/Fedora-Cloud-Base-Generic.x86_64-40-1.14.raw.xz",
         .image = {Content::Disk, ".xz"},
         .documents = {list("Fedora-Cloud-40-1.14-x86_64-CHECKSUM")},
         .mirror = mirror + "40/Fedora-Cloud-Base-Generic.x86_64-40-1.14.raw.xz",
         .like_above = true},
        {.publisher = "Fedora Cloud, beta",
         .url = "http://download.fedoraproject.org/pub/fedora/linux/releases/test/45_Beta/Cloud/"
                "aarch64/images/Fedora-Cloud-Base-GCE-45_Beta-1.3.aarch64.tar.gz",
         .image = {Content::DiskInTar, ".gz"},
         .documents = {list("Fedora-Cloud-images-45_Beta-1.3-aarch64-CHECKSUM")},
         .like_above = true},
    };
}

std::vector<Row> centos_and_kin() {
    const std::string stream = "CentOS-Stream-GenericCloud-9-";
    const std::string rocky = "http://dl.rockylinux.org/pub/rocky/";
    return {
        {.publisher = "CentOS Stream",
         .url = "http://cloud.centos.org/centos/9-stream/x86_64/images/" + stream +
                "latest.x86_64.qcow2",
         .image = kQcow2,
         .documents = {{.name = "{}.SHA256SUM", .grammar = Grammar::BsdSizes},
                       {.name = "CHECKSUM",
                        .grammar = Grammar::BsdSizes,
                        .others = {stream + "20261116.0.x86_64.qcow2"}}},
         .verify = "checksum",
         .words = kUnsigned},
        {.publisher = "CentOS 7",
         .url =
             "http://cloud.centos.org/centos/7/images/CentOS-7-x86_64-GenericCloud-2111.qcow2.xz",
         .image = {Content::Qcow2, ".xz"},
         .documents = {{.name = "sha256sum.txt",
                        .signatures = {{SignatureKind::Copy, "sha256sum.txt.asc"}}}}},
        {.publisher = "AlmaLinux",
         .url = "http://repo.almalinux.org/almalinux/9/cloud/x86_64/images/"
                "AlmaLinux-9-GenericCloud-latest.x86_64.qcow2",
         .image = kQcow2,
         .documents = {{.name = "CHECKSUM", .signatures = {armored("CHECKSUM.asc")}}}},
        {.publisher = "Rocky 9",
         .url = rocky + "9/images/x86_64/Rocky-9-GenericCloud-Base.latest.x86_64.qcow2",
         .image = kQcow2,
         .documents = {{.name = "{}.CHECKSUM",
                        .grammar = Grammar::BsdTwice,
                        .alias = "Rocky-9-GenericCloud-Base-9.8-20261117.0.x86_64.qcow2"}},
         .verify = "checksum",
         .words = kUnsigned},
        {.publisher = "Rocky 10",
         .url = rocky + "10/images/x86_64/Rocky-10-Container-Base.latest.x86_64.tar.xz",
         .image = kTreeXz,
         .documents = {{.name = "{}.CHECKSUM",
                        .grammar = Grammar::BsdSizes,
                        .signatures = {armored("{}.CHECKSUM.asc")}}}},
    };
}

std::vector<Row> opensuse() {
    const std::string server = "http://download.opensuse.org/";
    const std::string tumbleweed = "openSUSE-Tumbleweed-Minimal-VM.x86_64-";
    return {
        {.publisher = "openSUSE Leap 15",
         .url = server + "distribution/leap/15.6/appliances/opensuse-leap-image.x86_64-lxc.tar.xz",
         .image = kTreeXz,
         .documents = {{.name = "{}.sha256",
                        .grammar = Grammar::OneSpace,
                        .signatures = {armored("{}.sha256.asc")}}}},
        {.publisher = "openSUSE Tumbleweed",
         .url = server + "tumbleweed/appliances/" + tumbleweed + "Cloud.qcow2",
         .image = kQcow2,
         .documents = {{.name = "{}.sha256",
                        .signatures = {armored("{}.sha256.asc")},
                        .alias = tumbleweed + "1.0.0-Cloud-Snapshot20261123.qcow2"}},
         .mirror = "http://mirror.example.net/opensuse/" + tumbleweed + "Cloud.qcow2"},
        {.publisher = "Open Build Service",
         .url = server + "repositories/Virtualization:/Appliances:/Images:/"
                         "openSUSE-Tumbleweed/opensuse-tumbleweed-image.x86_64-1.0.0.raw.xz",
         .image = {Content::Disk, ".xz"},
         .documents = {{.name = "{}.sha256", .signatures = {kInPlace}}}},
    };
}

std::vector<Row> arch() {
    return {
        {.publisher = "Arch bootstrap",
         .url = "http://geo.mirror.pkgbuild.com/iso/latest/archlinux-bootstrap-x86_64.tar.zst",
         .image = {Content::NestedSystem, ".zst"},
         .documents = {{.name = "sha256sums.txt"}, {.name = "b2sums.txt", .algorithms = {"b2"}}},
         .over_image = {binary("{}.sig")},
         .words = kSignedImage},
        {.publisher = "Arch, signature elsewhere",
         .url = "http://mirror.example.net/archlinux/iso/2026.11.01/"
                "archlinux-bootstrap-2026.11.01-x86_64.tar.zst",
         .image = {Content::NestedSystem, ".zst"},
         .documents = {{.name = "sha256sums.txt"}},
         .over_image = {binary("{}.sig")},
         .words = {.image_changed = BadSignature, .digest_changed = {}, .nothing_beside = Unsigned},
         .signature_url = "http://archlinux.org/iso/2026.11.01/"
                          "archlinux-bootstrap-2026.11.01-x86_64.tar.zst.sig"},
        {.publisher = "Arch boxes",
         .url = "http://geo.mirror.pkgbuild.com/images/latest/Arch-Linux-x86_64-cloudimg.qcow2",
         .image = kQcow2,
         .documents = {{.name = "{}.SHA256", .signatures = {binary("{}.SHA256.sig")}}},
         .over_image = {binary("{}.sig")}},
        {.publisher = "Arch Linux ARM",
         .url = "http://os.archlinuxarm.org/os/ArchLinuxARM-aarch64-latest.tar.gz",
         .image = kTreeGz,
         .documents = {{.name = "{}.md5", .algorithms = {"md5"}}},
         .over_image = {binary("{}.sig")},
         .words = {.image_changed = BadSignature,
                   .digest_changed = {},
                   .signature_gone = WeakDigest,
                   .checksum_asked = WeakDigest}},
    };
}

std::vector<Row> alpine_and_gentoo() {
    const std::string gentoo = "http://distfiles.gentoo.org/releases/amd64/autobuilds/";
    const auto digests = [](Grammar grammar) {
        return ChecksumDocument{.name = "{}.DIGESTS",
                                .grammar = grammar,
                                .algorithms = {"b2", "sha512"},
                                .signatures = {kInPlace},
                                .others = {"{}.CONTENTS.gz"}};
    };
    return {
        {.publisher = "Alpine",
         .url = "http://dl-cdn.alpinelinux.org/alpine/v3.23/releases/x86_64/"
                "alpine-minirootfs-3.23.0-x86_64.tar.gz",
         .image = kTreeGz,
         .documents = {{.name = "{}.sha256"}, {.name = "{}.sha512", .algorithms = {"sha512"}}},
         .over_image = {armored("{}.asc")},
         .words = kSignedImage},
        {.publisher = "Alpine cloud",
         .url = "http://dl-cdn.alpinelinux.org/alpine/v3.23/releases/cloud/"
                "nocloud_alpine-3.23.0-x86_64-uefi-cloudinit-r0.qcow2",
         .image = kQcow2,
         .documents = {{.name = "{}.sha512", .grammar = Grammar::Bare, .algorithms = {"sha512"}}},
         .over_image = {armored("{}.asc")},
         .words = kSignedImage},
        {.publisher = "Gentoo stage3",
         .url = gentoo + "20261122T170356Z/stage3-amd64-systemd-20261122T170356Z.tar.xz",
         .image = {Content::System, ".xz", true},
         .documents = {{.name = "{}.sha256", .signatures = {kInPlace}}, digests(Grammar::Sections)},
         .over_image = {armored("{}.asc")}},
        {.publisher = "Gentoo stage3 of 2022",
         .url = gentoo + "20220320T170531Z/stage3-amd64-openrc-20220320T170531Z.tar.xz",
         .image = {Content::System, ".xz", true},
         .documents = {digests(Grammar::BuildSections)},
         .over_image = {armored("{}.asc")}},
    };
}

std::vector<Row> void_flatcar_kali() {
    const std::string flatcar = "http://stable.release.flatcar-linux.net/amd64-usr/";
    const ChecksumDocument digests{
        .name = "{}.DIGESTS",
        .grammar = Grammar::Sections,
        .algorithms = {"md5", "sha1", "sha512"},
        .signatures = {binary("{}.DIGESTS.sig"), {SignatureKind::Copy, "{}.DIGESTS.asc"}}};
    return {
        {.publisher = "Void",
         .url = "http://repo-default.voidlinux.org/live/current/"
                "void-x86_64-musl-ROOTFS-20261031.tar.xz",
         .image = kTreeXz,
         .documents = {{.name = "sha256sum.txt",
                        .grammar = Grammar::Bsd,
                        .signatures = {{SignatureKind::Minisign, "sha256sum.sig"}}}}},
        {.publisher = "Flatcar",
         .url = flatcar + "current/flatcar_production_image.bin.bz2",
         .image = {Content::Disk, ".bz2"},
         .documents = {digests},
         .over_image = {binary("{}.sig")},
         .signs_with_subkey = true},
        {.publisher = "Flatcar for QEMU",
         .url = flatcar + "4459.2.0/flatcar_production_qemu_image.img",
         .image = kQcow2,
         .over_image = {binary("{}.sig")},
         .words = {.image_changed = BadSignature,
                   .digest_changed = {},
                   .signature_gone = NoChecksum,
                   .checksum_asked = NoChecksum},
         .signs_with_subkey = true},
        {.publisher = "Kali cloud",
         .url = "http://kali.download/cloud-images/current/"
                "kali-linux-2026.3-cloud-genericcloud-amd64.tar.xz",
         .image = {Content::DiskInTar, ".xz"},
         .documents = {{.name = "SHA256SUMS", .signatures = {armored("SHA256SUMS.gpg")}}}},
        {.publisher = "Kali for WSL",
         .url = "http://kali.download/wsl-images/current/kali-linux-2026.3-wsl-rootfs-amd64.wsl",
         .documents = {{.name = "SHA256SUMS"}},
         .verify = "checksum",
         .words = kUnsigned},
    };
}

std::vector<Row> without_signatures() {
    const std::string lxc = "http://images.linuxcontainers.org/images/";
    const std::string nixos = "nixos-system-x86_64-linux.tar.xz";
    const ChecksumDocument one_space{.name = "SHA256SUMS",
                                     .grammar = Grammar::OneSpace,
                                     .others = {"incus.tar.xz", "meta.tar.xz"}};
    return {
        {.publisher = "linuxcontainers",
         .url = lxc + "debian/trixie/amd64/default/20261124_05:24/rootfs.tar.xz",
         .image = kTreeXz,
         .documents = {one_space},
         .verify = "checksum",
         .words = kUnsigned},
        {.publisher = "linuxcontainers, disk",
         .url = lxc + "alpine/3.23/amd64/cloud/20261124_13%3A00/disk.qcow2",
         .image = kQcow2,
         .documents = {one_space},
         .verify = "checksum",
         .words = kUnsigned,
         .like_above = true},
        {.publisher = "NixOS",
         .url =
             "http://hydra.nixos.org/job/nixos/release-26.05/nixos.lxdContainerImage.x86_64-linux/"
             "latest/download-by-type/file/system-tarball",
         .image = {Content::System, ".xz", true},
         .verify = "no",
         .words = {.good = Unchecked,
                   .image_changed = {},
                   .digest_changed = {},
                   .foreign_key = {},
                   .nothing_beside = {},
                   .signature_gone = {},
                   .checksum_asked = NoChecksum,
                   .signature_asked = NoChecksum},
         .mirror = "http://hydra.nixos.org/build/312345678/download/1/" + nixos},
        {.publisher = "FreeBSD",
         .url = "http://download.freebsd.org/releases/VM-IMAGES/15.0-RELEASE/amd64/Latest/"
                "FreeBSD-15.0-RELEASE-amd64-BASIC-CLOUDINIT-ufs.qcow2.xz",
         .image = {Content::Qcow2, ".xz"},
         .documents = {{.name = "CHECKSUM.SHA512",
                        .grammar = Grammar::Bsd,
                        .algorithms = {"sha512"}},
                       {.name = "CHECKSUM.SHA256", .grammar = Grammar::Bsd}},
         .verify = "checksum",
         .words = kUnsigned},
        {.publisher = "Amazon Linux",
         .url = "http://cdn.amazonlinux.com/al2023/os-images/2023.9.20261117.1/kvm/"
                "al2023-kvm-2023.9.20261117.1-kernel-6.1-x86_64.xfs.gpt.qcow2",
         .image = kQcow2,
         .documents = {{.name = "SHA256SUMS"}},
         .verify = "checksum",
         .words = kUnsigned,
         .missing = 403},
        {.publisher = "Oracle Linux",
         .url = "http://yum.oracle.com/templates/OracleLinux/OL9/u5/x86_64/"
                "OL9U5_x86_64-kvm-b253.qcow2",
         .image = kQcow2,
         .verify = "digest",
         .words = {.good = DigestGiven,
                   .digest_changed = DigestMismatch,
                   .foreign_key = {},
                   .nothing_beside = {},
                   .signature_gone = {},
                   .checksum_asked = NoChecksum,
                   .signature_asked = NoChecksum}},
    };
}

std::vector<Row> own_conventions() {
    return {
        {.publisher = "OpenWrt",
         .url = "http://downloads.openwrt.org/releases/24.10.4/targets/x86/64/"
                "openwrt-24.10.4-x86-64-rootfs.tar.gz",
         .image = kTreeGz,
         .documents = {{.name = "sha256sums",
                        .grammar = Grammar::GnuBinary,
                        .signatures = {armored("sha256sums.asc"),
                                       {SignatureKind::Usign, "sha256sums.sig"}}}},
         .words = {.signature_gone = UnknownKey}},
        {.publisher = "mkosi, tree",
         .url = "http://images.example.org/mkosi/trees/base_1.2.tar.zst",
         .image = {Content::System, ".zst"},
         .documents = {{.name = "base_1.2.SHA256SUMS",
                        .grammar = Grammar::GnuBinary,
                        .signatures = {binary("base_1.2.SHA256SUMS.gpg")}}}},
        {.publisher = "mkosi, disk",
         .url = "http://images.example.org/mkosi/disks/base_1.2.raw.zst",
         .image = {Content::Disk, ".zst"},
         .documents = {{.name = "base_1.2.SHA256SUMS",
                        .grammar = Grammar::GnuBinary,
                        .signatures = {binary("base_1.2.SHA256SUMS.gpg")}}},
         .like_above = true},
        {.publisher = "systemd, list",
         .url = "http://images.example.org/systemd/list/web.tar",
         .documents = {{.name = "SHA256SUMS", .signatures = {binary("SHA256SUMS.gpg")}}}},
        {.publisher = "systemd, list and .asc",
         .url = "http://images.example.org/systemd/armored/web.raw",
         .image = {Content::Disk},
         .documents = {{.name = "SHA256SUMS", .signatures = {armored("SHA256SUMS.asc")}}},
         .like_above = true},
        {.publisher = "systemd, sidecar",
         .url = "http://images.example.org/systemd/sidecar/web.raw.xz",
         .image = {Content::Disk, ".xz"},
         .documents = {{.name = "{}.sha256", .signatures = {binary("{}.sha256.gpg")}}}},
        {.publisher = "systemd, sidecar and .asc",
         .url = "http://images.example.org/systemd/armored-sidecar/web.tar.gz",
         .image = kTreeGz,
         .documents = {{.name = "{}.sha256", .signatures = {armored("{}.sha256.asc")}}},
         .like_above = true},
        {.publisher = "Clear Linux",
         .url = "http://cdn.download.clearlinux.org/releases/43000/clear/clear-43000-kvm.img.xz",
         .image = {Content::Disk, ".xz"},
         .documents = {{.name = "{}-SHA512SUMS",
                        .algorithms = {"sha512"},
                        .signatures = {{SignatureKind::Smime, "{}-SHA512SUMS.sig"}}}},
         .verify = "checksum",
         .words = {.digest_changed = DigestMismatch,
                   .foreign_key = {},
                   .signature_gone = {},
                   .signature_asked = UnsupportedSignature},
         .checksum_url = "http://cdn.download.clearlinux.org/releases/43000/clear/"
                         "clear-43000-kvm.img.xz-SHA512SUMS"},
    };
}

} // namespace

const std::vector<PublisherRow>& publisher_rows() {
    static const std::vector<PublisherRow> rows = [] {
        std::vector<PublisherRow> all;
        for (const auto& part :
             {debian_and_ubuntu(), fedora(), centos_and_kin(), opensuse(), arch(),
              alpine_and_gentoo(), void_flatcar_kali(), without_signatures(), own_conventions()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return rows;
}

} // namespace slipway::tests
