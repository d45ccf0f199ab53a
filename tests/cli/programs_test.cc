// The programs as they lie on a disk: what they link, and that they run from wherever they were
// installed to.

#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;
using Names = std::set<std::string>;

namespace {

// What every program may link: the language, the compiler's own, and what a sanitizer adds.
const Names kGround{"libc",   "libm",    "libgcc_s", "libstdc++", "ld-linux-x86-64",
                    "libfmt", "libasan", "libubsan", "libpthread"};

// docs/ARCHITECTURE.md, the programs: only the libraries that this trust needs.
const std::map<std::string, Names> kAllowed{
    {"slipway", {"libbtrfsutil", "libinih", "libsdbus-c++", "libsystemd"}},
    {"slipway-transfer", {"libbtrfsutil", "libinih"}},
    {"slipway-fetch", {"libcurl", "libseccomp"}},
    {"slipway-check", {"libgpgme", "libcrypto", "libseccomp"}},
    {"slipway-unpack",
     {"libarchive", "libcrypto", "libseccomp", "liblzma", "libzstd", "libz", "libisal", "libbz2",
      "liblz4", "libdeflate"}},
};

// The names of DT_NEEDED without their versions: "libcurl.so.4" is libcurl.
Names needed(const std::string& name) {
    static const std::regex kNeeded(R"(\(NEEDED\)[^\[]*\[([^\]]+?)\.so)");
    const std::string dump = run_ok({"readelf", "-d", "-W", program(name).string()});
    Names names;
    for (std::sregex_iterator match(dump.begin(), dump.end(), kNeeded), end; match != end;
         ++match) {
        names.insert((*match)[1]);
    }
    return names;
}

std::filesystem::path find_below(const std::filesystem::path& root, const std::string& name) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().filename() == name) {
            return entry.path();
        }
    }
    return {};
}

} // namespace

TEST_CASE("each program links only the libraries that its trust needs", "[cli][programs]") {
    for (const auto& [name, allowed] : kAllowed) {
        for (const std::string& library : needed(name)) {
            INFO(name << " needs " << library);
            CHECK((kGround.contains(library) || allowed.contains(library)));
        }
    }
}

TEST_CASE("what is installed into an empty DESTDIR runs from there", "[cli][programs]") {
    const TempDir root;
    const std::string build = program("").string();
    run_ok({"meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir",
            root.path().string()});

    const std::filesystem::path slipway = find_below(root.path(), "bin") / "slipway";
    const TempDir pool;
    const RunResult features =
        run({slipway.string(), "features", "--pool", pool.path().string(), "--json"});
    CHECK(features.status == 0);
    CHECK_THAT(features.out, !contains("problem"));
    std::filesystem::create_directory(pool / "tree");
    run_ok({"tar", "-C", (pool / "tree").string(), "-cf", (pool / "web.tar").string(), "."});
    run_ok({slipway.string(), "import-tar", "--pool", pool.path().string(),
            (pool / "web.tar").string()});
    for (const auto& [name, allowed] : kAllowed) {
        CHECK((name == "slipway" || features.out.find('"' + name + '"') != std::string::npos));
        CHECK_FALSE(find_below(root.path(), name).empty());
    }
    for (const std::string name : {"slipway.1", "slipway.fish", "_slipway"}) {
        CHECK_FALSE(find_below(root.path(), name).empty());
    }
    CHECK_FALSE(find_below(find_below(root.path(), "bash-completion"), "slipway").empty());
}
