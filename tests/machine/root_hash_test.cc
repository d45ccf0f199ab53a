// The root hash of a disk, found beside it.

#include "base/error.hh"
#include "machine/root_hash.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::machine;
using slipway::tests::TempDir;

namespace {

storage::Image image_at(const std::filesystem::path& path, storage::ImageType type) {
    return {.name = storage::ImageName::parse("web"),
            .type = type,
            .created_us = std::nullopt,
            .path = path};
}

} // namespace

TEST_CASE("a root hash beside a disk is the disk's", "[machine]") {
    const TempDir pool;
    const storage::Image disk = image_at(pool / "web.raw", storage::ImageType::Raw);
    tests::write_file(pool / "web.raw", "");
    CHECK(find_root_hash(disk) == "");
    const std::string hash(64, 'a');
    tests::write_file(pool / "web.roothash", hash + "\n");
    CHECK(find_root_hash(disk) == hash);
    CHECK(find_root_hash(image_at(pool / "web", storage::ImageType::Directory)) == "");
}

TEST_CASE("a root hash that is none keeps the disk from being started", "[machine]") {
    const TempDir pool;
    const storage::Image disk = image_at(pool / "web.raw", storage::ImageType::Raw);
    tests::write_file(pool / "web.raw", "");
    for (const std::string& text : {std::string(), std::string(63, 'a'), std::string(64, 'g'),
                                    std::string(130, 'a'), std::string("secret of somebody")}) {
        INFO(text);
        tests::write_file(pool / "web.roothash", text);
        try {
            find_root_hash(disk);
            FAIL("it was taken");
        } catch (const Error& error) {
            CHECK(error.kind() == Kind::InvalidArgument);
            CHECK((text.empty() || std::string(error.what()).find(text) == std::string::npos));
        }
    }
}
