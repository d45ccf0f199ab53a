// How each test case ended, for the summary of dev/test: Catch2 2.13 does not count skips, and a
// test program that dies tells nobody how far it came.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::tests {

/// Appends lines "RESULT TAB name [TAB reason]" to a file in the directory that the variable
/// SLIPWAY_TEST_RECORDS names: SLIPWAY_TEST_RECORD, else one with the name of this program. Without
/// the first variable nothing is written.
class TestRecord {
public:
    void start(std::string_view name) const;
    void skip(std::string_view reason);
    void end(std::string_view name, bool passed);

private:
    std::optional<std::string> skipped_; ///< the reason, when the running case was skipped
};

} // namespace slipway::tests
