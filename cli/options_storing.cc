// What becomes of images on their way into the pool, in it, and out of it.

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "cli/option_groups.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kStoring = "Storing";
constexpr std::string_view kDownloads = "Kept downloads";
constexpr std::string_view kExporting = "Exporting";

std::string parse_format(std::string_view text) {
    constexpr std::array<std::string_view, 6> kFormats{"uncompressed", "gzip",  "xz",
                                                       "zstd",         "bzip2", "lz4"};
    if (std::find(kFormats.begin(), kFormats.end(), text) == kFormats.end()) {
        throw Error(Kind::InvalidArgument,
                    "{} is no format; expected uncompressed, gzip, xz, zstd, bzip2 or lz4",
                    quoted(text));
    }
    return std::string(text);
}

constexpr std::array kOptions{
    OptionSpec{
        .group = kStoring,
        .name = "force",
        .help = "Replace an image, a key file, an exported or copied file of the same name, in one "
                "step; an image that is in use is left alone",
        .verbs = kBringIn | kExport | verbs(Verb::KeysAdd, Verb::CopyTo, Verb::CopyFrom),
        .apply = [](Options& o, std::string_view) { o.job.force = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "dry-run",
        .help =
            "Look at everything up to the first byte: of a pull proofs, size, name and space; of a "
            "clone in which way it would be made, and what that costs. Nothing is stored, and no "
            "daemon is asked",
        .verbs = kPull | verbs(Verb::Clone),
        .apply = [](Options& o, std::string_view) { o.job.dry_run = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "read-only",
        .help = "Mark the image read-only; of bind: let the machine write nothing there",
        .verbs = kBringIn | verbs(Verb::Clone, Verb::Bind),
        .apply = [](Options& o, std::string_view) { o.job.read_only = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "privileged-xattrs",
        .help = "Keep trusted.* and all of security.*; without it they are left out and counted",
        .verbs = kUnpackTar | verbs(Verb::ExportTar),
        .apply = [](Options& o, std::string_view) { o.job.tar.privileged_xattrs = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "skip-unsupported-xattrs",
        .help =
            "Leave out, and count, attributes that the file system cannot hold; without it they "
            "are an error",
        .verbs = kUnpackTar | verbs(Verb::ImportFs),
        .apply = [](Options& o, std::string_view) { o.job.tar.skip_unsupported_xattrs = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "settings",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring the file .nspawn beside the image along",
        .verbs = kPull,
        .apply = [](Options& o,
                    std::string_view value) { o.job.siblings.settings = parse_truth(value); },
    },
    OptionSpec{
        .group = kStoring,
        .name = "roothash",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring .roothash and .usrhash along",
        .verbs = verbs(Verb::PullRaw),
        .apply = [](Options& o,
                    std::string_view value) { o.job.siblings.roothash = parse_truth(value); },
    },
    OptionSpec{
        .group = kStoring,
        .name = "roothash-signature",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring .roothash.p7s and .usrhash.p7s along",
        .verbs = verbs(Verb::PullRaw),
        .apply =
            [](Options& o, std::string_view value) {
                o.job.siblings.roothash_signature = parse_truth(value);
            },
    },
    OptionSpec{
        .group = kStoring,
        .name = "verity",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Bring .verity along, the hash tree of a disk",
        .verbs = verbs(Verb::PullRaw),
        .apply = [](Options& o,
                    std::string_view value) { o.job.siblings.verity = parse_truth(value); },
    },
    OptionSpec{
        .group = kStoring,
        .name = "fresh",
        .help = "Make the clone a new machine: reset machine ID, SSH host keys, random seed, "
                "stored credentials, DHCP leases and the state of cloud-init",
        .verbs = verbs(Verb::Clone),
        .apply = [](Options& o, std::string_view) { o.job.fresh = true; },
    },
    OptionSpec{
        .group = kStoring,
        .name = "enable-quota",
        .help = "Switch btrfs quota on where it is off: simple quotas where the kernel has them",
        .verbs = verbs(Verb::SetLimit),
        .apply = [](Options& o, std::string_view) { o.job.enable_quota = true; },
    },
    OptionSpec{
        .group = kDownloads,
        .name = "keep-download",
        .value = "BOOL",
        .value_optional = true,
        .fallback = "no",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Keep the files as they were published, with what vouches for them, for the next "
                "pull of the same image; slipway cache list shows them",
        .verbs = kPull,
        .apply =
            [](Options& o, std::string_view value) {
                o.keep_download = value.empty() || parse_truth(value);
            },
    },
    OptionSpec{
        .group = kDownloads,
        .name = "offline",
        .help = "Ask no server: take image and proofs from the kept downloads, and judge them by "
                "today's keys",
        .verbs = kPull,
        .apply = [](Options& o, std::string_view) { o.job.offline = true; },
    },
    OptionSpec{
        .group = kExporting,
        .name = "format",
        .value = "FORMAT",
        .completion = Completion::Words,
        .words = "uncompressed gzip xz zstd bzip2 lz4",
        .help = "How the file is packed: uncompressed, gzip, xz, zstd, bzip2 or lz4; without it "
                "the suffix of FILE says it, and a name without one means uncompressed",
        .verbs = kExport,
        .apply = [](Options& o, std::string_view value) { o.job.format = parse_format(value); },
    },
    OptionSpec{
        .group = kExporting,
        .name = "level",
        .value = "N",
        .help =
            "How hard the packer tries: 1 to 9 for gzip, xz and bzip2, to 12 for lz4, to 19 for "
            "zstd; without it gzip is quick, and the others take the default of their tools",
        .verbs = kExport,
        .apply = [](Options& o,
                    std::string_view value) { o.job.level = parse_count<unsigned>(value); },
    },
    OptionSpec{
        .group = kExporting,
        .name = "checksum",
        .help = "Write SHA256SUMS beside FILE, or the line for FILE into the one that is there",
        .verbs = kExport,
        .apply = [](Options& o, std::string_view) { o.checksum = true; },
    },
    OptionSpec{
        .group = kExporting,
        .name = "sign",
        .value = "KEY",
        .value_optional = true,
        .help =
            "Sign SHA256SUMS with your gpg and this key, else its default one; implies --checksum",
        .verbs = kExport,
        .apply =
            [](Options& o, std::string_view value) {
                o.checksum = true;
                o.sign = value;
            },
    },
};

} // namespace

std::span<const OptionSpec> storing_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
