// Counted, with the first one named: a person finds the others from there.

#include "transfer/copy_words.hh"

#include <fmt/format.h>

#include "base/quoted.hh"
#include "base/size.hh"

namespace slipway::transfer {
namespace {

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

} // namespace

std::string amount_of(const volume::CopiedTree& tree) {
    std::string text = fmt::format("{} copied in {}", format_size(tree.size_bytes),
                                   counted(tree.entries, "entry", "entries"));
    if (tree.shared_files != 0) {
        text += fmt::format("; {} of {} share their blocks with it", tree.shared_files,
                            counted(tree.files, "file", "files"));
    }
    return text;
}

std::vector<LogLine> remarks_on(const volume::CopiedTree& tree) {
    std::vector<LogLine> lines;
    for (const std::string& path : tree.not_entered) {
        lines.push_back({LogLevel::Notice,
                         fmt::format("{} is another mount, or the pool, and was not entered: it is "
                                     "empty in the copy",
                                     quoted(path))});
    }
    const auto warn = [&lines](std::string text) {
        lines.push_back({LogLevel::Warning, std::move(text)});
    };
    if (tree.sockets.count != 0) {
        warn("left out: " + counted(tree.sockets.count, "socket", "sockets"));
    }
    if (const auto& [count, first] = tree.unsupported_attributes; count != 0) {
        warn(fmt::format("left out: {} that this file system cannot hold, {} first",
                         counted(count, "attribute", "attributes"), quoted(first)));
    }
    if (const auto& [count, first] = tree.changed; count != 0) {
        warn(fmt::format("{} changed while being copied, {} first: what the copy holds of it may "
                         "be neither old nor new",
                         counted(count, "entry", "entries"), quoted(first)));
    }
    if (const auto& [count, first] = tree.vanished; count != 0) {
        warn(fmt::format("{} removed by somebody before being copied, {} first",
                         counted(count, "entry was", "entries were"), quoted(first)));
    }
    return lines;
}

} // namespace slipway::transfer
