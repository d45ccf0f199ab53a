// A small system and a small disk, packed by the real tools.

#include "tests/e2e/publisher_image.hh"

#include <memory>
#include <tuple>

#include <sys/stat.h>

#include "base/bytes.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"

namespace slipway::tests {
namespace {

namespace fs = std::filesystem;
using Content = ImageShape::Content;

constexpr std::size_t kPadding = 4096;

// What is packed lies in files for as long as the process lives.
struct Originals {
    Originals() {
        make_system(place / "tree");
        make_system(place / "root/root.x86_64");
        write_file(place / "root/pkglist.x86_64.txt", "base 3-2\n");
        fs::create_directory(place / "lone");
        make_sparse_disk(place / "lone/disk.raw", 2 * MiB, 128 * KiB);
        make_qcow2(place / "lone/disk.raw", place / "disk.qcow2");
    }

    // Ubuntu's has a name outside ASCII.
    static void make_system(const fs::path& root) {
        fs::create_directories(root);
        make_plain_tree(root, 5);
        fs::create_directories(root / "etc");
        fs::create_directories(root / "usr/bin");
        fs::create_symlink("usr/bin", root / "bin");
        write_file(root / "etc/NetLock_Arany_(Class_Gold)_Főtanúsítvány.crt", "certificate\n");
        write_file(root / "usr/bin/su", "#!/bin/sh\n");
        ::chmod((root / "usr/bin/su").c_str(), 04755);
    }

    TempDir place;
};

const Originals& originals() {
    static const Originals one;
    return one;
}

std::string plain_bytes(Content content) {
    const TempDir& place = originals().place;
    switch (content) {
    case Content::System:
        return pack(place / "tree");
    case Content::NestedSystem:
        return pack(place / "root");
    case Content::DiskInTar:
        return pack(place / "lone");
    case Content::Disk:
        return read_file(place / "lone/disk.raw");
    case Content::Qcow2:
        break;
    }
    return read_file(place / "disk.qcow2");
}

} // namespace

PublishedImage::PublishedImage(const ImageShape& shape)
    : shape_(shape), bytes_(compress(plain_bytes(shape.content), shape.codec)) {
    if (shape.padded) {
        bytes_.append(kPadding, '\0');
    }
}

const std::string& PublishedImage::digest(const std::string& algorithm) const {
    std::string& known = digests_[algorithm];
    if (known.empty()) {
        const std::string line = run_ok({algorithm + "sum"}, {.input = bytes_});
        known = line.substr(0, line.find(' '));
    }
    return known;
}

std::vector<std::string> PublishedImage::differences_in(const Scene& scene) const {
    const TempDir& place = originals().place;
    switch (shape_.content) {
    case Content::System:
        return differences(place / "tree", scene.image());
    case Content::NestedSystem:
        return differences(place / "root/root.x86_64", scene.image());
    default:
        break;
    }
    const std::string difference = byte_difference(place / "lone/disk.raw", scene.disk());
    return difference.empty() ? Lines{} : Lines{difference};
}

const PublishedImage& published_image(const ImageShape& shape) {
    static std::map<std::tuple<Content, std::string, bool>, std::unique_ptr<PublishedImage>> made;
    std::unique_ptr<PublishedImage>& one = made[{shape.content, shape.codec, shape.padded}];
    if (!one) {
        one = std::make_unique<PublishedImage>(shape);
    }
    return *one;
}

} // namespace slipway::tests
