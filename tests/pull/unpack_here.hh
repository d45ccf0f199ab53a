// Unpacking from tests: in a child without the fences, so that it is the writer that is tested and
// not what would catch its mistakes. Where archives are hostile the host is read-only around the
// test's own directory.

#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/outcome.hh"
#include "pull/unpack_tar.hh"
#include "pull/wire.hh"
#include "stream/algorithm.hh"
#include "tests/support/programs.hh"
#include "tests/support/tree.hh"

namespace slipway::tests {

struct Outcome {
    std::optional<pull::Unpacked> tree; ///< what it was when it went well
    Kind kind = Kind::Other;            ///< what it failed with
    std::string error;
    std::vector<std::string> warnings;
    stream::Digests digests; ///< of unpack_by_program()
    std::string codec;       ///< of unpack_by_program()
};

struct UnpackSettings {
    pull::TarOptions options{};
    pull::Budget budget{};
    std::size_t piece = ~std::size_t{0}; ///< how many bytes the source gives at a time
    const char* locale = "C.UTF-8";
    bool as_nobody = false; ///< as user and group 65534
    bool one_user = false;  ///< in a user namespace that has root alone
    /// How much the packed archive is said to have been; its own size when 0.
    std::uint64_t packed_bytes = 0;
    /// When not empty: the host is read-only but for this directory and what is in it. Takes some
    /// 20 ms, for a mount namespace.
    std::filesystem::path writable{};
};

/// Unpacks the plain tar archive `tar` into the existing, empty directory `into`.
Outcome unpack_here(std::string_view tar, const std::filesystem::path& into,
                    const UnpackSettings& settings = {});

/// Unpacks from a descriptor by the real program, with its fences and in any compression.
/// SHA-256 is computed where the request names no digest.
Outcome unpack_by_program(int input, const std::filesystem::path& into,
                          pull::UnpackRequest request = {});
/// The same from a file.
Outcome unpack_by_program(const std::filesystem::path& archive, const std::filesystem::path& into,
                          const pull::UnpackRequest& request = {});

/// What `work` comes to in a child, which it may change for itself as it likes.
Outcome in_child(const std::function<Outcome()>& work);

/// Below testdata/tar/.
std::filesystem::path tar_data(const std::string& name);

/// One archive of testdata/tar/ and a staging that has neighbours, which must not change.
class Trial {
public:
    Trial();
    /// Unpacks "NAME.tar" into the staging, emptied before.
    Outcome unpack(const std::string& name, const UnpackSettings& settings = {});
    Outcome unpack_bytes(std::string_view tar, const UnpackSettings& settings = {});
    /// The same with the host read-only around the staging and its neighbours.
    Outcome unpack_hostile(const std::string& name);
    /// What lies in the staging.
    Tree tree() const { return read_tree(staging_); }
    /// What of the neighbours is not as it was; empty: nothing.
    std::vector<std::string> changes_outside() const;
    const std::filesystem::path& staging() const noexcept { return staging_; }

private:
    Tree outside() const;

    TempDir top_;
    std::filesystem::path staging_ = top_ / "pool/staging";
    Tree outside_;
};

/// A refusal: what it is refused with, and a part of the message.
struct Refusal {
    const char* name;
    Kind kind;
    const char* message;
};

/// Each archive is refused as stated, changes nothing outside, and gives the same however few bytes
/// the source gives at a time.
void check_refusals(const std::vector<Refusal>& refusals);

} // namespace slipway::tests
