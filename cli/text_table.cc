// Widths first, then lines. The last column is not padded.

#include "cli/text_table.hh"

#include <algorithm>
#include <cstddef>

#include "cli/text_width.hh"

namespace slipway::cli {
namespace {

using Widths = std::vector<std::size_t>;

void widen(Widths& widths, const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], text_width(row[i]));
    }
}

std::string line(const Widths& widths, const Row& row) {
    std::string out;
    for (std::size_t i = 0; i < row.size(); ++i) {
        out += i == 0 ? "" : " ";
        out += row[i];
        if (i + 1 < row.size()) {
            out.append(widths[i] - text_width(row[i]), ' ');
        }
    }
    return out;
}

} // namespace

std::string text_table(const Row& head, const std::vector<Row>& rows, const TableLook& look) {
    Widths widths(head.size());
    if (look.head) {
        widen(widths, head);
    }
    for (const Row& row : rows) {
        widen(widths, row);
    }
    std::string out;
    if (look.head) {
        out = look.underlined_head ? "\x1b[4m" + line(widths, head) + "\x1b[0m\n"
                                   : line(widths, head) + "\n";
    }
    for (const Row& row : rows) {
        out += line(widths, row) + "\n";
    }
    return out;
}

} // namespace slipway::cli
