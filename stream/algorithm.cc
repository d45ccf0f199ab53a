// One table: the word for programs, the name for people, the length.

#include "stream/algorithm.hh"

#include <array>

namespace slipway::stream {
namespace {

struct Row {
    Algorithm algorithm;
    std::string_view word;
    std::string_view display_name;
    std::size_t hex_length;
};

constexpr std::array<Row, 4> kRows = {{
    {Algorithm::Sha256, "sha256", "SHA-256", 64},
    {Algorithm::Sha384, "sha384", "SHA-384", 96},
    {Algorithm::Sha512, "sha512", "SHA-512", 128},
    {Algorithm::Blake2b, "blake2b", "BLAKE2b", 128},
}};

constexpr const Row& row(Algorithm algorithm) noexcept {
    return kRows[static_cast<std::size_t>(algorithm)];
}

constexpr bool rows_in_order() {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (kRows[i].algorithm != static_cast<Algorithm>(i)) {
            return false;
        }
    }
    return true;
}
static_assert(rows_in_order());

} // namespace

std::string_view word(Algorithm algorithm) noexcept {
    return row(algorithm).word;
}

std::string_view display_name(Algorithm algorithm) noexcept {
    return row(algorithm).display_name;
}

std::optional<Algorithm> find_algorithm(std::string_view word) noexcept {
    for (const Row& candidate : kRows) {
        if (candidate.word == word) {
            return candidate.algorithm;
        }
    }
    return std::nullopt;
}

std::size_t hex_length(Algorithm algorithm) noexcept {
    return row(algorithm).hex_length;
}

} // namespace slipway::stream
