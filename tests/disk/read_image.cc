// No fences here: it is the reader that is tested.

#include "tests/disk/read_image.hh"

#include <sys/stat.h>

#include "base/error.hh"
#include "disk/qcow2_reader.hh"
#include "stream/fd_stream.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

ReadOutcome read_image(Bytes image, const std::filesystem::path& into,
                       const ReadSettings& settings) {
    const Fd target = make_file(into);
    const Fd scratch = make_nameless(into.parent_path());
    disk::SparseWriter writer(target.get());
    stream::MemorySource source(image, settings.piece);
    ReadOutcome outcome;
    const disk::Qcow2Hooks hooks{
        .on_size = [](std::uint64_t) {},
        .on_data = [] {},
        .warn = [&](std::string_view text) { outcome.warnings.emplace_back(text); },
        .claims = settings.claims};
    try {
        outcome.size_bytes =
            disk::read_qcow2(source, writer, settings.scratch ? scratch.get() : -1, hooks);
        outcome.done = true;
    } catch (const Error& error) {
        outcome.kind = error.kind();
        outcome.error = error.what();
    }
    outcome.data_bytes = writer.data_bytes();
    struct stat found {};
    ::fstat(scratch.get(), &found);
    outcome.scratch_bytes = static_cast<std::uint64_t>(found.st_blocks) * 512;
    return outcome;
}

std::filesystem::path image_path(const std::string& name) {
    return std::filesystem::path(SLIPWAY_TESTDATA) / "qcow2" / (name + ".qcow2");
}

std::string image_data(const std::string& name) {
    return read_file(image_path(name));
}

} // namespace slipway::tests
