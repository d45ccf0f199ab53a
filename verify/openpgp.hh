// The one door to GPGME, and through it to gpg. Linked by slipway-check alone, and called only
// there: the engine may hang or die at any time.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "verify/signature.hh"

namespace slipway::verify {

/// What the engine says about the signatures of one file.
struct EngineFindings {
    /// Empty: it is no signature. Signature::unknown_subkey is not set: the engine cannot know.
    std::vector<Signature> signatures;
    std::string text; ///< of a clearsigned document, as the engine read it
};

/// gpg with one home. One thread.
class OpenPgp {
public:
    /// @param home  see EngineHome
    /// @throws Error Unsupported: no engine, and the package that brings it
    explicit OpenPgp(const std::filesystem::path& home);
    ~OpenPgp();

    /// @param signature  binary
    EngineFindings verify_detached(std::string_view statement, std::string_view signature);
    /// @param block  exactly one clearsigned block: see clearsigned_block()
    EngineFindings verify_clearsigned(std::string_view block);

    struct Versions {
        std::string library; ///< "1.18.0"
        std::string engine;  ///< "2.2.40"; empty when there is none
    };
    static Versions versions();

    /// Whether gpg can list a key of the ring: tells an engine that died from one that had nothing
    /// to say.
    bool can_list_keys();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::verify
