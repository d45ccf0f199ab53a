// The stages of a transfer without network and disk: what decoding costs, and what handing over
// between threads adds. bench/decode runs it beside the codecs' own tools.
// Usage: stages (decode|digest|line) FILE [THREADS]
//   decode: read | decode      digest: read + SHA-256 | decode      line: … | decode | consume

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <fcntl.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "stream/decode.hh"
#include "stream/digest.hh"
#include "stream/fd_stream.hh"
#include "stream/pipeline.hh"

using namespace slipway;

namespace {

constexpr std::size_t kRingBytes = 8 * stream::Pipe::kChunkBytes;

class NullSink final : public stream::Sink {
public:
    std::span<std::byte> room() override { return buffer_; }
    void advance(std::size_t) override {}
    void finish() override {}

private:
    std::vector<std::byte> buffer_ = std::vector<std::byte>(stream::Pipe::kChunkBytes);
};

void run(const std::string& mode, const std::string& path, unsigned threads) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        throw errno_error("cannot open {}", path);
    }
    stream::DecodeLimits limits;
    limits.threads = threads;
    NullSink null;

    stream::Pipeline line({});
    stream::Pipe& packed = line.pipe(kRingBytes);
    line.run("read", nullptr, &packed, [&](std::stop_token stop) {
        std::vector<stream::Algorithm> algorithms;
        if (mode != "decode") {
            algorithms.push_back(stream::Algorithm::Sha256);
        }
        stream::DigestSink digest(packed.in(), algorithms);
        stream::copy_fd(file.get(), path, digest, stop);
    });
    stream::Pipe* unpacked = mode == "line" ? &line.pipe(kRingBytes) : nullptr;
    line.run("decode", &packed, unpacked, [&](std::stop_token) {
        stream::decode(packed.out(), unpacked != nullptr ? unpacked->in() : null, limits);
    });
    if (unpacked != nullptr) {
        line.run("consume", unpacked, nullptr, [&](std::stop_token) {
            while (!unpacked->out().next().empty()) {
            }
        });
    }
    line.wait();
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        static_cast<void>(
            std::fprintf(stderr, "usage: %s (decode|digest|line) FILE [THREADS]\n", argv[0]));
        return 2;
    }
    try {
        stream::load_digests();
        run(argv[1], argv[2], argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 2);
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "stages: %s\n", error.what()));
        return 1;
    }
    return 0;
}
