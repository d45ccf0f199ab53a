// The target is made beside nothing: the keeper's staging is another room's.

#include "tests/pull/disk_here.hh"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "pull/unpacker.hh"
#include "stream/fd_stream.hh"
#include "tests/support/disk_file.hh"

namespace slipway::tests {
namespace {

void take(DiskOutcome& outcome, const pull::UnpackAnswer& answer) {
    if (const auto* warning = std::get_if<pull::UnpackWarning>(&answer)) {
        outcome.warnings.push_back(warning->text);
    } else if (const auto* failure = std::get_if<pull::UnpackFailure>(&answer)) {
        outcome.kind = failure->kind;
        outcome.error = failure->text;
    } else if (const auto* done = std::get_if<pull::UnpackDone>(&answer)) {
        outcome.disk = std::get<pull::UnpackedDisk>(done->what);
        outcome.digests = done->digests;
        outcome.codec = done->codec;
        outcome.packed_bytes = done->packed_bytes;
    }
}

} // namespace

DiskOutcome unpack_disk_here(Bytes image, const std::filesystem::path& into,
                             const DiskSettings& settings) {
    const Fd target = make_file(into);
    const Fd scratch = make_nameless(into.parent_path());
    stream::MemorySource source(image, settings.piece);
    pull::Counters counters;
    const std::uint64_t packed = settings.packed_bytes != 0 ? settings.packed_bytes : image.size();
    DiskOutcome outcome;
    try {
        outcome.disk = pull::unpack_disk(
            source,
            {.target = target.get(),
             .scratch = settings.scratch ? scratch.get() : -1,
             .budget = settings.budget},
            counters, [packed] { return packed; },
            [&outcome](std::string_view text) { outcome.warnings.emplace_back(text); });
    } catch (const Error& error) {
        outcome.kind = error.kind();
        outcome.error = error.what();
    }
    return outcome;
}

DiskOutcome unpack_disk_by_program(int input, const std::filesystem::path& into,
                                   pull::UnpackRequest request, bool scratch) {
    const Fd target = make_file(into);
    const Fd nameless = make_nameless(into.parent_path());
    if (request.algorithms.empty()) {
        request.algorithms = {stream::Algorithm::Sha256};
    }
    if (request.work == pull::Work::Tree) {
        request.work = pull::Work::Disk;
    }
    DiskOutcome outcome;
    try {
        pull::Unpacker unpacker(request, target.get(), input, scratch ? nameless.get() : -1);
        while (!outcome.disk && outcome.error.empty()) {
            take(outcome, unpacker.next({}));
        }
    } catch (const Error& error) {
        outcome.kind = error.kind();
        outcome.error = error.what();
    }
    return outcome;
}

DiskOutcome unpack_disk_by_program(const std::filesystem::path& image,
                                   const std::filesystem::path& into,
                                   const pull::UnpackRequest& request, bool scratch) {
    const Fd input(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
    return unpack_disk_by_program(input.get(), into, request, scratch);
}

} // namespace slipway::tests
