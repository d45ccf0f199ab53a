// Lists as machinectl prints them: a head in capitals, columns as wide as their widest entry.

#pragma once

#include <string>
#include <vector>

namespace slipway::cli {

using Row = std::vector<std::string>;

struct TableLook {
    bool head = true;
    bool underlined_head = false; ///< on a terminal
};

/// @param head  the columns' names; every row has as many entries
std::string text_table(const Row& head, const std::vector<Row>& rows, const TableLook& look);

} // namespace slipway::cli
