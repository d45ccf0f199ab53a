// Catch2 2.13 has its main in a header; version 3 brings a library (see tests/meson.build).

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
