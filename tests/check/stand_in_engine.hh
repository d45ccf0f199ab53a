// Engines that are missing or misbehave, and what a check could leave behind.

#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/keyring.hh"
#include "tests/support/programs.hh"
#include "verify/checker.hh"

namespace slipway::tests {

/// A shell script in the place of gpg, for this process and its children alone. Where mounts are
/// refused (no_mounts()) it cannot be.
class OtherEngine {
public:
    explicit OtherEngine(const std::string& script);
    ~OtherEngine();
    OtherEngine(const OtherEngine&) = delete;
    OtherEngine& operator=(const OtherEngine&) = delete;

private:
    TempDir directory_;
};

/// An empty directory in the place of the one where gpg lies.
class NoEngine {
public:
    NoEngine();
    ~NoEngine();
    NoEngine(const NoEngine&) = delete;
    NoEngine& operator=(const NoEngine&) = delete;
};

/// The beginning of a script that answers as gpg where GPGME asks for its version, which happens
/// first.
inline constexpr const char* kVersion =
    "case \"$*\" in *--version*) echo 'gpg (GnuPG) 2.2.40'; exit 0;; esac\n";

/// A command that hangs until somebody ends it, and that no other run of the tests has.
std::string hang();

/// One signed text, "text", and a ring file with the key that signed it.
struct Signed {
    Signed();
    std::filesystem::path ring() const { return directory / "ring.gpg"; }
    verify::SignatureChecker
    checker(std::chrono::milliseconds patience = std::chrono::seconds(30)) const {
        return verify::SignatureChecker({ring()}, patience);
    }

    Keyring keyring;
    TempDir directory;
    std::string key; ///< its fingerprint
    std::string signature;
    std::string clearsigned;
};

/// Homes of slipway-check that are visible on this host.
std::vector<std::filesystem::path> check_homes();

/// Whether a process with this in its command line runs.
bool runs(const std::string& pattern);

} // namespace slipway::tests
