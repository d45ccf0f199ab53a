// A publisher's directory for tests of Judge: what lies in it are values, what checks signatures is
// the real slipway-check, what reads documents the real parser.

#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "base/outcome.hh"
#include "tests/support/keyring.hh"
#include "verify/checker.hh"
#include "verify/judge.hh"

namespace slipway::tests {

/// How a search or a judgement ended.
struct Ending {
    std::optional<VerdictWord> word; ///< of the verdict or of the refusal
    std::string text;
};

class Publisher final : public verify::Library {
public:
    /// Files by name; what is not in it is a 404.
    std::map<std::string, std::string> files;
    /// Other statuses by name.
    std::map<std::string, int> statuses;
    /// These cannot be fetched at all.
    std::vector<std::string> unreachable;
    /// What caches hold instead of `files`: seen until somebody looks again.
    std::map<std::string, std::string> cached;
    /// Key rings by content, in order.
    std::vector<std::string> rings;

    /// Which keys count.
    verify::KeyScope scope;
    verify::Hints hints;

    std::string image_url = "https://example.org/images/a.img";
    verify::Mode mode = verify::Mode::Signature;
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now();

    std::vector<std::string> requests; ///< names, in order
    std::vector<std::string> warnings;
    std::vector<std::string> debug_lines;
    /// "NAME: what it says" of everything that was looked for and is there.
    std::vector<std::string> seen_lines;
    /// Names that were announced last.
    std::vector<std::string> expected;

    /// Gathers and judges these digests.
    Ending judge(const stream::Digests& digests);
    /// A judge that has gathered.
    verify::Judge gathered();

    Answer fetch(const Url& url, std::uint64_t limit_bytes, bool look_again) override;
    verify::ChecksumFile read(std::string_view document, std::string_view document_name,
                              std::string_view file_name) override;
    verify::SignatureReport check_detached(std::string_view statement,
                                           std::string_view signature) override;
    verify::SignatureReport check_clearsigned(std::string_view document) override;
    void expect(const std::vector<Ahead>& next, bool look_again) override;
    verify::SignatureReport foresee(std::string_view signature) override;
    void seen(std::string_view name, int status, std::string_view text) override;
    void debug(std::string_view text) override { debug_lines.emplace_back(text); }
    void warn(std::string_view text) override { warnings.emplace_back(text); }

    /// With the rings as they are now.
    verify::SignatureChecker signature_checker();

private:
    TempDir ring_files_;
};

/// Digests of an image that is right, and of one that is not.
const stream::Digests& right_digests();
const stream::Digests& wrong_digests();

/// A document with one line for a.img that right_digests() match.
std::string right_sums();

} // namespace slipway::tests
