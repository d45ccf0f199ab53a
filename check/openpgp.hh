// The one door to GPGME, and through it to gpg. Linked by slipway-check alone, and called only
// there: the engine may hang or die at any time.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check/openpgp_packets.hh"
#include "stream/source.hh"
#include "verify/key_list.hh"
#include "verify/signature.hh"

namespace slipway::check {

/// What the engine says about the signatures of one file.
struct EngineFindings {
    /// Empty: it is no signature. Signature::unknown_subkey is not set: the engine cannot know.
    std::vector<verify::Signature> signatures;
    std::string text;     ///< of a clearsigned document, as the engine read it
    bool complete = true; ///< false: the engine did not read the statement to its end
};

/// gpg with one home. One thread.
class OpenPgp {
public:
    /// @param home  see EngineHome
    /// @throws Error Unsupported: no engine, and the package that brings it
    explicit OpenPgp(const std::filesystem::path& home);
    ~OpenPgp();

    /// @param signature  binary
    /// @throws what the statement's source throws
    EngineFindings verify_detached(stream::Source& statement, std::string_view signature);
    /// @param block  exactly one clearsigned block: see clearsigned_block()
    EngineFindings verify_clearsigned(std::string_view block);

    struct Versions {
        std::string library; ///< "1.18.0"
        std::string engine;  ///< "2.2.40"; empty when there is none
    };
    static Versions versions();

    /// What can be said of a signature without its statement: Pending when nothing speaks against
    /// it. Signature::unknown_subkey is not set.
    /// @param now  seconds since 1970
    verify::Signature foresee(const ClaimedSigner& signer, std::int64_t now);
    /// All keys of the home, in its order; ListedKey::files is left empty.
    std::vector<verify::ListedKey> list_keys();

    /// Whether gpg can list a key of the ring: tells an engine that died from one that had nothing
    /// to say.
    bool can_list_keys();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::check
