// Compiled once for each suite of several files: Catch2, and what most rooms include.

#include "base/pch/std.hh"
#include "tests/catch.hh"
