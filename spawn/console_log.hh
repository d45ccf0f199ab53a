// What a machine has said on its console, in a file of bounded size: the newest is kept.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/bytes.hh"
#include "base/fd.hh"

namespace slipway::spawn {

class ConsoleLog {
public:
    inline static constexpr std::uint64_t kLimitBytes = 256 * KiB;

    /// Goes on behind what is there.
    /// @throws Error
    explicit ConsoleLog(std::filesystem::path file, std::uint64_t limit_bytes = kLimitBytes);

    /// When the file would grow beyond the limit, its older half goes, with a rename: whoever reads
    /// the file meanwhile reads it as it was. Where the disk is full, what was said is lost.
    void write(Bytes data) noexcept;

    /// What is kept.
    std::string text() const noexcept;

private:
    void open();
    void halve();

    std::filesystem::path path_;
    std::uint64_t limit_bytes_;
    Fd file_;
    std::uint64_t size_bytes_ = 0;
};

} // namespace slipway::spawn
