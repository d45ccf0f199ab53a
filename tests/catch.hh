// The one place that includes Catch2: 2.13 (Debian 12) and 3 (Debian 13) read the same tests.

#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
inline auto contains(const std::string& text) {
    return Catch::Matchers::ContainsSubstring(text);
}
#else
#include <catch2/catch.hpp>
inline auto contains(const std::string& text) {
    return Catch::Matchers::Contains(text);
}
#endif

// Catch2 2.13 has no SKIP: a counted line and the end of the test case. The runner reads the lines.
#ifndef SKIP
#define SKIP(reason)                                                                               \
    do {                                                                                           \
        WARN("SKIPPED: " << (reason));                                                             \
        return;                                                                                    \
    } while (false)
#endif
