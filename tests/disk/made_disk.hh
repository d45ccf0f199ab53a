// Disks with partitions, made by the tools that people use.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

/// A sparse file that sfdisk has partitioned, and is changed as a test needs it.
class MadeDisk {
public:
    /// @param script  of sfdisk(8); empty: no table
    MadeDisk(std::uint64_t size_bytes, const std::string& script);

    /// Opened for reading and writing.
    int fd() const noexcept { return file_.get(); }
    const std::filesystem::path& path() const noexcept { return path_; }

    void write(std::uint64_t offset, std::string_view bytes) const;
    std::string read(std::uint64_t offset, std::size_t length) const;
    void resize(std::uint64_t size_bytes) const;
    /// Makes both sums of the GPT header in this sector right again.
    void mend_gpt(std::uint64_t header_at) const;

private:
    TempDir directory_;
    std::filesystem::path path_;
    Fd file_;
};

/// As tables store it.
std::string little_endian(std::uint64_t value, std::size_t length);

} // namespace slipway::tests
