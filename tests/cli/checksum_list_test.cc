// Which lines of SHA256SUMS change.

#include <fcntl.h>

#include "base/error.hh"
#include "cli/checksum_list.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::cli;
using namespace slipway::tests;

namespace {

const std::string kOld(64, '0');
const std::string kNew(64, 'a');

} // namespace

TEST_CASE("the line of a file is replaced where it stands, or added", "[cli][checksum]") {
    struct Row {
        std::string list;
        std::string expected;
    };
    for (const Row& row : {
             Row{"", kNew + "  a.tar\n"},
             Row{kOld + "  a.tar\n", kNew + "  a.tar\n"},
             Row{kOld + " *a.tar\n", kNew + "  a.tar\n"},
             Row{kOld + "  a.tar\r\n", kNew + "  a.tar\n"},
             Row{kOld + "  a.tar", kNew + "  a.tar\n"},
             Row{"SHA256 (a.tar) = " + kOld + "\n", kNew + "  a.tar\n"},
             Row{kOld + "  b\n" + kOld + "  a.tar\n" + kOld + "  c\n",
                 kOld + "  b\n" + kNew + "  a.tar\n" + kOld + "  c\n"},
             Row{kOld + "  a.tar\n" + kOld + " *a.tar\n", kNew + "  a.tar\n"},
             Row{kOld + "  b", kOld + "  b\n" + kNew + "  a.tar\n"},
             // What speaks of others, or of nothing, stays.
             Row{kOld + "  ./a.tar\n", kOld + "  ./a.tar\n" + kNew + "  a.tar\n"},
             Row{kOld + " a.tar\n", kOld + " a.tar\n" + kNew + "  a.tar\n"},
             Row{"# " + kOld + "  a.tar\n\n\x80\n",
                 "# " + kOld + "  a.tar\n\n\x80\n" + kNew + "  a.tar\n"},
         }) {
        INFO(row.list);
        CHECK(with_checksum(row.list, "a.tar", kNew) == row.expected);
    }
}

TEST_CASE("names that would end a line are escaped as sha256sum does", "[cli][checksum]") {
    const TempDir directory;
    for (const std::string name : {"a\nb", "a\\b", "plain name"}) {
        write_file(directory / name, "x");
        const std::string line = run_ok({"sha256sum", "--", name}, {.directory = directory.path()});
        const std::string digest = line.substr(line.starts_with('\\') ? 1 : 0, 64);
        CHECK(with_checksum("", name, digest) == line);
        CHECK(with_checksum(line, name, digest) == line);
    }
}

TEST_CASE("a list that is no file is left alone", "[cli][checksum]") {
    const TempDir directory;
    std::filesystem::create_directory(directory / "SHA256SUMS");
    const Fd fd(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    CHECK_THROWS_WITH(ChecksumList(fd.get()), "SHA256SUMS is no file; it was left alone");
    std::filesystem::remove(directory / "SHA256SUMS");
    std::filesystem::create_symlink("elsewhere", directory / "SHA256SUMS");
    CHECK_THROWS_AS(ChecksumList(fd.get()), Error);
    CHECK_FALSE(std::filesystem::exists(directory / "elsewhere"));
}
