// Which files beside an image are asked for, under which names, and how large they may be.

#include <string>
#include <vector>

#include "base/bytes.hh"
#include "tests/catch.hh"
#include "transfer/siblings.hh"

using namespace slipway;
using namespace slipway::transfer;
using verify::Mode;

namespace {

// Their suffixes, in order.
std::vector<std::string> suffixes(const Request& request, Mode mode) {
    std::vector<std::string> found;
    for (const storage::Sibling kind : wanted_siblings(request, mode)) {
        found.emplace_back(storage::suffix(kind));
    }
    return found;
}

std::string settings_of(const std::string& url, Verb verb) {
    return remote_sibling_name(Url::parse(url), storage::Sibling::Settings, verb);
}

// What veritysetup(8) needs: one level over the other until one block is left, and the superblock.
std::uint64_t hash_tree_bytes(std::uint64_t data, std::uint64_t block, std::uint64_t digest) {
    std::uint64_t tree = block;
    std::uint64_t blocks = (data + block - 1) / block;
    while (blocks > 1) {
        blocks = (blocks * digest + block - 1) / block;
        tree += blocks * block;
    }
    return tree;
}

} // namespace

TEST_CASE("a disk may have all kinds, a tree settings alone", "[transfer][siblings]") {
    Request request;
    request.verb = Verb::PullRaw;
    CHECK(suffixes(request, Mode::Signature) ==
          std::vector<std::string>{".nspawn", ".roothash", ".roothash.p7s", ".usrhash",
                                   ".usrhash.p7s", ".verity"});
    request.verb = Verb::PullTar;
    CHECK(suffixes(request, Mode::No) == std::vector<std::string>{".nspawn"});
}

TEST_CASE("what is not wished for is not asked for", "[transfer][siblings]") {
    Request request;
    request.verb = Verb::PullRaw;
    request.siblings.settings = false;
    request.siblings.roothash = false;
    CHECK(suffixes(request, Mode::Checksum) ==
          std::vector<std::string>{".roothash.p7s", ".usrhash.p7s", ".verity"});
    request.siblings.roothash_signature = false;
    request.siblings.verity = false;
    CHECK(suffixes(request, Mode::Checksum).empty());
}

TEST_CASE("a digest on the command line vouches for the image alone", "[transfer][siblings]") {
    Request request;
    request.verb = Verb::PullRaw;
    CHECK(suffixes(request, Mode::Digest).empty());
}

TEST_CASE("siblings have the image's name without its suffixes", "[transfer][siblings]") {
    CHECK(settings_of("http://h/a/web.raw.xz?x=1", Verb::PullRaw) == "web.nspawn");
    CHECK(settings_of("http://h/a/web.tar.xz", Verb::PullTar) == "web.nspawn");
    CHECK(settings_of("http://h/a/web.tar.xz", Verb::PullRaw) == "web.tar.nspawn");
    CHECK(settings_of("http://h/a%20b.qcow2", Verb::PullRaw) == "a b.nspawn");
    CHECK(settings_of("http://h/.raw", Verb::PullRaw).empty());
    CHECK(settings_of("http://h/", Verb::PullTar).empty());
}

TEST_CASE("a hash tree may be as long as veritysetup can make it, and not much longer",
          "[transfer][siblings]") {
    for (const std::uint64_t data :
         std::vector<std::uint64_t>{1, 4 * KiB, 300 * MiB, 5 * GiB + 7, 16384 * GiB}) {
        CAPTURE(data);
        CHECK(hash_tree_bytes(data, 512, 64) <= verity_limit(data));
        CHECK(hash_tree_bytes(data, 4096, 32) <= verity_limit(data));
    }
    CHECK(verity_limit(0) == MiB);
    CHECK(verity_limit(7 * GiB) == GiB + MiB);
    CHECK(verity_limit(~0ULL) < ~0ULL / 6);
}
