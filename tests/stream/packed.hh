// Packed samples, made by the real tools while the test runs.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace slipway::tests {

/// What `command` writes when it is given `input`.
std::string packed_by(const std::vector<std::string>& command, const std::string& input);

/// One way of packing, with the number of members that the output of `command` has.
struct Packer {
    std::string codec;
    std::vector<std::string> command;
    std::string name() const;
};

/// Every codec, in the flavours that the tools write.
const std::vector<Packer>& packers();

/// The plain one of each codec.
Packer packer_of(std::string_view codec);

/// A skippable frame (RFC 8878 3.1.2) around `content`.
std::string skippable_frame(std::string_view content);

} // namespace slipway::tests
