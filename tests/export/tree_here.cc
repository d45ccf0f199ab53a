// A MemorySink behind write_tar().

#include "tests/export/tree_here.hh"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "stream/fd_stream.hh"

namespace slipway::tests {

TarHere tar_of(const std::filesystem::path& tree, bool privileged) {
    const Fd root(::open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const Fd here(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root || !here) {
        throw errno_error("cannot open the tree");
    }
    TarHere result;
    stream::MemorySink out(1 * GiB);
    exports::Counters counters;
    result.written =
        exports::write_tar(root.get(), privileged, out, counters, [&result](std::string_view text) {
            result.warnings.emplace_back(text);
        });
    if (::fchdir(here.get()) < 0) {
        throw errno_error("cannot go back");
    }
    result.bytes = std::string(as_text(out.bytes()));
    return result;
}

} // namespace slipway::tests
