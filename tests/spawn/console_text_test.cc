// What machines have printed, made harmless.

#include <string>

#include "spawn/console_text.hh"
#include "tests/catch.hh"

using namespace slipway::spawn;

TEST_CASE("nothing that a machine prints moves a cursor", "[cli][console]") {
    CHECK(plain_line("plain text, Zürich\r") == "plain text, Zürich");
    CHECK(plain_line("[\x1b[0;1;32m  OK  \x1b[0m] done") == "[  OK  ] done");
    CHECK(plain_line("\x1b[2J\x1b[Hx\x1b[?25l\x1b(By\x1b"
                     "7z") == "xyz");
    CHECK(plain_line("\x1b]0;title\x07"
                     "a\x1b]8;;u\x1b\\b\x1bPq\x1b\\c") == "abc");
    CHECK(plain_line("cut \x1b[31") == "cut ");
    CHECK(plain_line("cut \x1b]0;never ends") == "cut ");
    CHECK(plain_line("\x1b") == "");
    const std::string controls = plain_line("a\x08\x07\x9b"
                                            "31m\x01");
    CHECK(controls.find('\x08') == std::string::npos);
    CHECK(controls.find('\x9b') == std::string::npos);
    CHECK(controls.starts_with("a\\"));
    const std::string longest(5000, 'x');
    CHECK(plain_line(longest) == longest);
    CHECK(plain_text("one\r\ntwo") == "one\ntwo\n");
    CHECK(plain_text("") == "");
}

TEST_CASE("the last lines of a text", "[cli][console]") {
    CHECK(last_lines_of("a\nb\nc\n", 2) == "b\nc\n");
    CHECK(last_lines_of("a\nb\nc", 2) == "b\nc");
    CHECK(last_lines_of("a\nb\nc\n", 9) == "a\nb\nc\n");
    CHECK(last_lines_of("a\n\n\n", 2) == "\n\n");
    CHECK(last_lines_of("", 2) == "");
}
