// Any bytes as a qcow2 image: no crash, no hang, bounded output, and the same disk or the same kind
// of refusal however the input is cut.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "disk/qcow2_reader.hh"
#include "stream/fd_stream.hh"

using namespace slipway;

namespace {

constexpr std::uint64_t kDiskBytes = 4 * MiB; // a larger one is refused by us
constexpr std::uint64_t kDataBytes = 8 * MiB; // compressed clusters may share what they are made of

struct Outcome {
    std::optional<Kind> refused;
    std::string disk; ///< of what was accepted
    bool operator==(const Outcome&) const = default;
};

Outcome read_disk(Bytes image, std::size_t piece) {
    const Fd target = make_memfd();
    const Fd scratch = make_memfd();
    disk::SparseWriter writer(target.get());
    stream::MemorySource source(image, piece);
    const auto check = [](std::uint64_t size, std::uint64_t limit) {
        if (size > limit) {
            throw Error(Kind::Limit, "too much for a trial");
        }
    };
    const disk::Qcow2Hooks hooks{.on_size = [&](std::uint64_t size) { check(size, kDiskBytes); },
                                 .on_data = [&] { check(writer.data_bytes(), kDataBytes); },
                                 .warn = [](std::string_view) {}};
    try {
        disk::read_qcow2(source, writer, scratch.get(), hooks);
        return {std::nullopt, read_all(target.get(), kDiskBytes)};
    } catch (const Error& error) {
        return {error.kind(), {}};
    }
}

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "qcow2_fuzz: %s\n", what));
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes image = std::as_bytes(std::span(data, size));
    const Outcome whole = read_disk(image, std::max<std::size_t>(size, 1));
    require(read_disk(image, 509) == whole, "509 bytes at a time give another result");
    return 0;
}
