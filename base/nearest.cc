// Edit distance with swaps of neighbours (the "optimal string alignment" distance).

#include "base/nearest.hh"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace slipway {
namespace {

constexpr std::size_t kLongestWord = 64; // longer is no mistyped word of ours

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row(b.size() + 1);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last[b.size()];
}

} // namespace

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> known) {
    if (typed.empty() || typed.size() > kLongestWord) {
        return std::nullopt;
    }
    std::optional<std::string> best;
    std::size_t best_distance = typed.size() / 3 + 2; // one more than may differ
    for (const std::string& word : known) {
        // The beginning of a word is meant for the word.
        const bool begins = typed.size() >= 3 && word.starts_with(typed);
        const std::size_t changes = begins ? 1 : distance(typed, word);
        if (changes < best_distance) {
            best = word;
            best_distance = changes;
        }
    }
    return best;
}

} // namespace slipway
