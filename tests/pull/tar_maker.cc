// ustar headers (POSIX.1-2017, pax, "ustar Interchange Format").

#include "tests/pull/tar_maker.hh"

#include <fmt/format.h>

namespace slipway::tests {
namespace {

constexpr std::size_t kBlock = 512;

void put(std::string& block, std::size_t offset, std::string_view text) {
    block.replace(offset, text.size(), text);
}

} // namespace

std::string tar_header(std::string_view name, char type, std::uint64_t size_bytes) {
    std::string block(kBlock, '\0');
    put(block, 0, name);
    put(block, 100, type == '5' ? "0000755" : "0000644");
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    put(block, 124, fmt::format("{:011o}", size_bytes));
    put(block, 136, "07346545000");
    put(block, 148, "        ");
    block[156] = type;
    put(block, 257, type == 'S' ? "ustar  " : std::string_view("ustar\00000", 8));
    unsigned sum = 0;
    for (const char c : block) {
        sum += static_cast<unsigned char>(c);
    }
    put(block, 148, fmt::format("{:06o}", sum));
    block[154] = '\0';
    return block;
}

std::string tar_file(std::string_view name, std::string_view contents) {
    std::string all = tar_header(name, '0', contents.size());
    all += contents;
    all.resize((all.size() + kBlock - 1) / kBlock * kBlock);
    return all;
}

std::string tar_directory(std::string_view name) {
    return tar_header(name, '5', 0);
}

std::string tar_end() {
    return std::string(2 * kBlock, '\0');
}

} // namespace slipway::tests
