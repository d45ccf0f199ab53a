// Is this what the publisher signed? The search for documents and signatures beside an image, and
// the verdict over its digest. The one place that can make a Verdict.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/url.hh"
#include "base/verdict.hh"
#include "stream/algorithm.hh"
#include "verify/checksum_file.hh"
#include "verify/key_scope.hh"
#include "verify/policy.hh"
#include "verify/signature.hh"

namespace slipway::verify {

inline constexpr std::uint64_t kMaxSignatureBytes = 64 * 1024;

/// What judging asks of the world. The keeper answers with programs, tests with values.
class Library {
public:
    virtual ~Library() = default;
    struct Answer {
        int status = 0;      ///< HTTP's; 404 for a file: URL that does not exist
        std::string content; ///< of a 200
        bool too_large = false;
    };
    /// Fetches a document or signature of at most `limit_bytes`.
    /// @param look_again  past caches
    /// @throws Error Network: it could not be had, after retries; Canceled
    virtual Answer fetch(const Url& url, std::uint64_t limit_bytes, bool look_again) = 0;
    struct Ahead {
        Url url;
        std::uint64_t limit_bytes = 0;
    };
    /// What will probably be fetched next, in this order. Replaces what was said before; empty:
    /// nothing more.
    virtual void expect(const std::vector<Ahead>& next, bool look_again) = 0;
    /// Reads a checksum document; parsing takes place in a confined program.
    virtual ChecksumFile read(std::string_view document, std::string_view document_name,
                              std::string_view file_name) = 0;
    /// Checks a detached signature over `statement`.
    /// @throws Error Unsupported: the engine is missing, hung or died
    virtual SignatureReport check_detached(std::string_view statement,
                                           std::string_view signature) = 0;
    /// Checks a clearsigned document.
    virtual SignatureReport check_clearsigned(std::string_view document) = 0;
    /// What is known of a detached signature before the bytes that it signs are here.
    virtual SignatureReport foresee(std::string_view signature) = 0;
    /// A document or signature was looked for: the answer's status, and what it says (empty: it is
    /// not there).
    virtual void seen(std::string_view name, int status, std::string_view text) = 0;
    /// A line for people who look closer.
    virtual void debug(std::string_view text) = 0;
    virtual void warn(std::string_view text) = 0;
};

/// Where the accepted statement about the image stands; for provenance and events.
struct Statement {
    std::string document; ///< masked URL of the checksum document, or of the signature over the
                          ///< image; empty when there is none
    std::string document_digest; ///< SHA-256 of the document; empty for a signature
    std::string algorithm;       ///< "sha256"
    std::string digest;
    std::size_t line = 0;
    std::string key;            ///< primary fingerprint
    std::string signing_key;    ///< fingerprint of the (sub)key that signed
    std::string owner;          ///< user id, escaped
    std::int64_t signed_at = 0; ///< seconds since 1970; 0: not signed
    std::string freshness;      ///< the place whose signatures get newer: see freshness_place()
};

/// Where proofs lie that no rule can guess.
struct Hints {
    std::vector<std::string> documents; ///< names beside the image, looked for first
    std::optional<Url> checksum_url;    ///< the document, instead of the search
    std::optional<Url> signature_url;   ///< the signature, instead of the search: over the
                                        ///< document where one is given, else over the image
};

/// What is to be judged, and by what.
struct Inquiry {
    Policy policy;
    /// As requested; nothing for an import, which only Mode::No and Mode::Digest allow.
    std::optional<Url> image;
    std::chrono::system_clock::time_point now;
    KeyScope scope{}; ///< which keys count for the image
    Hints hints{};
};

/// A signature straight over the image: held by a key that counts, to be checked over the bytes.
struct ImageSignature {
    std::string name;    ///< "a.img.asc"
    std::string url;     ///< masked
    std::string content; ///< what is checked
    std::string freshness;
    Signature foreseen;
};

/// For one image. First gather(), then the image's bytes pass, then judge(). One thread.
class Judge {
public:
    /// @throws Error  InvalidArgument: the mode needs a URL
    explicit Judge(Inquiry inquiry);
    ~Judge();
    Judge(Judge&&) noexcept;

    /// Fetches and judges documents and signatures, before the image is requested. Mode::No and
    /// Mode::Digest: nothing to do.
    /// @throws Error with a verdict: the refusal, with what was looked for, what was found, that
    ///         nothing was stored and what would help
    void gather(Library& library);

    /// The digests that have to be computed over the image's bytes.
    std::vector<stream::Algorithm> algorithms() const;

    /// Those that the image must have, as far as that is known before its bytes: all of them are
    /// judged. Empty: nothing says it. After gather().
    stream::Digests expected() const;

    /// The signature that has to be checked over the image's bytes while they stream by; null when
    /// there is none.
    const ImageSignature* image_signature() const noexcept;

    /// The verdict over the image's digests.
    /// @param over_image  what the check of image_signature() said; null when there is none
    /// @throws Error with a verdict (digest-mismatch, bad-signature …)
    Verdict judge(const stream::Digests& digests,
                  const SignatureReport* over_image = nullptr) const;

    /// After a refusal by judge(), once: fetches the documents past caches. True when they say
    /// something else now, so that the same digests are worth judging (or the image fetching)
    /// again.
    bool look_again(Library& library);

    /// What was accepted; after judge().
    const Statement& statement() const noexcept;

private:
    Verdict judge_given_digest(const stream::Digests& digests) const;
    void judge_image_signature(const SignatureReport* over_image) const;

    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::verify
