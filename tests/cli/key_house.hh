// A system with a key directory of its own, and the program that keeps it.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/keyring.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

struct KeyHouse {
    /// `slipway keys WORDS --root=…`
    RunResult keys(std::vector<std::string> words, const std::string& input = "") const {
        return run(command(std::move(words)), {.input = input});
    }
    std::vector<std::string> command(std::vector<std::string> words) const {
        words.insert(words.begin(), {program("slipway").string(), "keys"});
        words.push_back("--root=" + root.path().string());
        return words;
    }
    /// A file outside of the system, to be added.
    std::string file(const std::string& name, const std::string& content) const {
        write_file(outside / name, content);
        return (outside / name).string();
    }
    /// Puts a file where the system's packages have theirs.
    void vendor(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories(vendor_keys);
        write_file(vendor_keys / name, content);
    }

    TempDir root;
    TempDir outside;
    std::filesystem::path own_keys = root / "etc/slipway/keys.d";
    std::filesystem::path vendor_keys = root / "usr/lib/slipway/keys.d";
};

/// A key of gpg's, made once a process.
struct TestKey {
    Keyring ring;
    std::string fingerprint = ring.make_key();
    std::string armored = ring.export_armored();
};
inline TestKey& test_key() {
    static TestKey key;
    return key;
}

} // namespace slipway::tests
