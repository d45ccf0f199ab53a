// Results and errors on their way out.

#include <csignal>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "cli/console.hh"
#include "tests/catch.hh"

using namespace slipway;
using cli::Output;

TEST_CASE("a result that could not be written is an error, a reader that left is none",
          "[cli][console]") {
    const Fd full_disk(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    cli::Console console{Output(full_disk.get()), Output(full_disk.get())};
    CHECK_THROWS_WITH(print_result(console, "a list\n"),
                      "cannot write to standard output: No space left on device");

    ::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    ::close(ends[0]);
    const Fd pipe(ends[1]);
    console.out = Output(pipe.get());
    CHECK_NOTHROW(print_result(console, "a list\n"));
}

TEST_CASE("an error is one line, whatever it quotes", "[cli][console]") {
    const Fd file = make_memfd();
    cli::Console console{Output(file.get()), Output(file.get())};
    print_error(console, "cannot open 'x': No such file");
    print_error(console, "two\nlines \x1b[31m");
    CHECK(read_all(file.get(), 1000) == "slipway: cannot open 'x': No such file\n"
                                        "slipway: two\\nlines \\x1b[31m\n");
}

TEST_CASE("JSON is indented where a person reads it", "[cli][console]") {
    cli::Console console{Output(1), Output(2)};
    cli::Options options;
    options.json = cli::JsonForm::Auto;
    CHECK_FALSE(pretty_json(options, console));
    console.out_is_terminal = true;
    CHECK(pretty_json(options, console));
    options.json = cli::JsonForm::Short;
    CHECK_FALSE(pretty_json(options, console));
    options.json = cli::JsonForm::Pretty;
    console.out_is_terminal = false;
    CHECK(pretty_json(options, console));
}

TEST_CASE("what is no terminal has 80 columns", "[cli][console]") {
    const Fd file = make_memfd();
    CHECK(cli::terminal_columns(file.get()) == 80);
}
