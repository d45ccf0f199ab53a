// One table of packers; the tools themselves do the work.

#include "tests/stream/packed.hh"

#include <stdexcept>

#include "tests/support/programs.hh"

namespace slipway::tests {

std::string packed_by(const std::vector<std::string>& command, const std::string& input) {
    RunOptions options;
    options.input = input;
    return run_ok(command, options);
}

std::string Packer::name() const {
    std::string text;
    for (const std::string& argument : command) {
        text += (text.empty() ? "" : " ") + argument;
    }
    return text;
}

const std::vector<Packer>& packers() {
    static const std::vector<Packer> all = {
        {"gzip", {"gzip", "-c"}},
        {"gzip", {"gzip", "-1", "-c"}},
        {"gzip", {"pigz", "-p2", "-b128", "-c"}},
        {"gzip", {"igzip", "-c"}},
        {"xz", {"xz", "-c", "-T1"}},
        {"xz", {"xz", "-c", "-T2", "--block-size=16384"}},
        {"xz", {"xz", "-c", "-T1", "--block-size=16384"}},
        {"xz", {"xz", "-c", "-0", "-Csha256"}},
        {"xz", {"xz", "-c", "-Cnone"}},
        {"xz", {"xz", "-c", "-Ccrc32", "--x86", "--lzma2=preset=6"}},
        {"zstd", {"zstd", "-q", "-c"}},
        {"zstd", {"zstd", "-q", "-c", "-19"}},
        {"zstd", {"zstd", "-q", "-c", "-T2", "--long=27"}},
        {"zstd", {"zstd", "-q", "-c", "--no-check", "-1"}},
        {"bzip2", {"bzip2", "-c"}},
        {"bzip2", {"bzip2", "-c", "-1"}},
        {"lz4", {"lz4", "-q", "-c"}},
        {"lz4", {"lz4", "-q", "-c", "-9", "-BD", "-B4"}},
        {"lz4", {"lz4", "-q", "-c", "-BX"}},
        {"lz4", {"lz4", "-q", "-c", "--no-frame-crc"}},
    };
    return all;
}

Packer packer_of(std::string_view codec) {
    for (const Packer& packer : packers()) {
        if (packer.codec == codec) {
            return packer;
        }
    }
    throw std::invalid_argument("no packer for " + std::string(codec));
}

std::string skippable_frame(std::string_view content) {
    std::string frame = "\x53\x2a\x4d\x18";
    for (unsigned i = 0; i < 4; ++i) {
        frame += static_cast<char>((content.size() >> (8 * i)) & 0xff);
    }
    return frame.append(content);
}

} // namespace slipway::tests
