// What was built: each program links what its trust needs and no more.

#include <algorithm>
#include <sstream>

#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

using Names = std::vector<std::string>;

// "libcurl" for a line "0x… (NEEDED)  Shared library: [libcurl.so.4]".
Names linked_libraries(const std::string& program) {
    std::istringstream lines(run_ok({"readelf", "--dynamic", program}));
    Names names;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t start = line.find('[');
        const std::size_t end = line.find(".so", std::min(start, line.size()));
        if (line.find("(NEEDED)") != line.npos && end != line.npos) {
            names.push_back(line.substr(start + 1, end - start - 1));
        }
    }
    return names;
}

// The language's, the compiler's and the kernel's own.
bool is_ground(const std::string& library) {
    static const Names ground{"libc",      "libm",    "libstdc++", "libgcc_s", "ld-linux-x86-64",
                              "libfmt",    "libasan", "libubsan",  "libtsan",  "ld-linux-aarch64",
                              "libseccomp"};
    return std::find(ground.begin(), ground.end(), library) != ground.end();
}

} // namespace

TEST_CASE("each program links only the libraries that its trust needs", "[house]") {
    struct Row {
        const char* program;
        Names allowed;
    };
    const std::vector<Row> rows{
        // A list shows which subvolumes are read-only; the bus is how the daemon is asked; keys
        // are bound to places by files in sections; what a killed machine left are links, too.
        {"slipway",
         {"libbtrfsutil", "libsdbus-c++", "libsystemd", "libinih", "libnl-3", "libnl-route-3"}},
        {"slipway-importd",
         {"libbtrfsutil", "libsdbus-c++", "libsystemd", "libsqlite3", "libinih"}},
        {"slipway-transfer", {"libbtrfsutil", "libinih"}},
        {"slipway-fetch", {"libcurl"}},
        {"slipway-unpack",
         {"libarchive", "libdeflate", "libz", "libisal", "liblzma", "libzstd", "libbz2", "liblz4",
          "libcrypto"}},
        {"slipway-supervise", {"libarchive", "libbtrfsutil", "libnl-3", "libnl-route-3"}},
        {"slipway-check", {"libgpgme", "libgpg-error", "libassuan", "libcrypto"}},
    };
    for (const Row& row : rows) {
        const Names libraries = linked_libraries(program(row.program).string());
        CHECK_FALSE(libraries.empty());
        for (const std::string& library : libraries) {
            INFO(row.program << " links " << library);
            const bool allowed =
                is_ground(library) ||
                std::find(row.allowed.begin(), row.allowed.end(), library) != row.allowed.end();
            CHECK(allowed);
        }
    }
}
