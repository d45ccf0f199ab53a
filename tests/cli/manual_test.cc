// The manual page as man(1) sees it.

#include "cli/manual.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

TEST_CASE("man shows the manual without a warning", "[cli][manual]") {
    const TempDir directory;
    write_file(directory / "slipway.1", slipway::cli::manual("1.2.3"));
    RunOptions options;
    options.environment = {"MANWIDTH=80", "LC_ALL=C.UTF-8", "MAN_KEEP_FORMATTING="};
    const RunResult shown =
        run({"man", "--warnings", "-l", (directory / "slipway.1").string()}, options);
    CHECK(shown.status == 0);
    CHECK(shown.err.empty());
    CHECK_THAT(shown.out, contains("slipway 1.2.3") && contains("--verify=MODE") &&
                              contains("pull-tar URL [NAME]") && contains("EXIT STATUS"));
}

TEST_CASE("groff finds nothing to complain about in the manual", "[cli][manual]") {
    RunOptions options;
    options.input = slipway::cli::manual("1.2.3");
    const RunResult checked = run({"groff", "-ww", "-man", "-Tutf8", "-z"}, options);
    CHECK(checked.status == 0);
    CHECK(checked.err.empty());
}
