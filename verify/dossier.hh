// What was found beside an image so far, and what it comes to. Part of Judge; not for other rooms.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/url.hh"
#include "verify/acceptance.hh"
#include "verify/findings.hh"
#include "verify/judge.hh"
#include "verify/statements.hh"

namespace slipway::verify {

/// A file that was fetched to see what it says.
struct Paper {
    std::string name; ///< "SHA256SUMS.gpg"
    Url url;
    std::string content;
};

struct Evidence {
    /// Digests that have to match, every one; the one that decides is in front.
    std::vector<FoundStatement> statements;
    std::optional<ImageSignature> image_signature; ///< that has to hold, too
    std::optional<Refusal> refusal;                ///< when the mode's demand is not met
};

/// One search's. It tells the library of every paper what it said.
class Dossier {
public:
    /// @param mode  Mode::Checksum or Mode::Signature
    Dossier(Library& library, const Inquiry& inquiry, Mode mode);

    /// Nothing further has to be looked for.
    bool is_closed() const noexcept { return vouched_ || refusal_; }

    void looked_for(const std::string& name) { findings_.looked_for(name); }
    void absent(const std::string& name, int status) { library_.seen(name, status, ""); }
    void too_large_document(const std::string& name);
    void too_large_signature(const std::string& name);
    /// What --checksum-url or --signature-url names is not there.
    void given_is_absent(const Url& url, int status);
    /// A document has digests for our file, and none of these signatures exists.
    void missing_signatures(const std::string& document, const std::vector<std::string>& names) {
        findings_.missing_signatures(document, names);
    }

    /// Nor one of these over the image.
    void missing_image_signatures(std::vector<std::string> names) {
        findings_.missing_image_signatures(std::move(names));
    }

    /// What a document says about our file; nothing, and noted why, when that is nothing usable.
    std::optional<ChecksumFile> read(const Paper& document);
    /// An unsigned document's digests; where no signature is asked for they vouch.
    void add_unsigned(const Paper& document, const ChecksumFile& file);
    /// A clearsigned document: only what the engine returns of it counts.
    void add_clearsigned(const Paper& document, const std::string& digest);
    /// A signature over a document. Whatever it turns out to be, it is noted.
    void add_signature(const Paper& document, const ChecksumFile& file, const Paper& signature);
    /// A signature over the image, whose bytes are still to come.
    void add_image_signature(const Paper& signature);
    /// A page of the server's in the place of a signature over the image.
    void add_page(const Paper& page);
    /// In checksum mode: something signs the image, which nobody asked for.
    void unused_signature(const std::string& name) {
        unused_signature_ = unused_signature_.empty() ? name : unused_signature_;
    }

    /// Ends the search.
    Evidence close() &&;

private:
    std::optional<Signature> weigh(const SignatureReport& report, const Paper& paper,
                                   bool foreseen);
    void add_statements(const ChecksumFile& file, const Paper& document,
                        const std::optional<Signature>& signature);
    void too_large(const std::string& name, std::string_view what, std::uint64_t limit_bytes);
    void refuse(VerdictWord word, const std::string& reason);
    void seen(const Paper& paper, const std::string& text) {
        library_.seen(paper.name, kFound, text);
    }

    static constexpr int kFound = 200;

    Library& library_;
    const Inquiry& inquiry_;
    Mode mode_;
    std::string file_;
    Statements statements_;
    std::optional<ImageSignature> image_signature_;
    Findings findings_;
    std::string unused_signature_;
    std::vector<std::string> warned_;
    std::optional<Refusal> refusal_;
    bool vouched_ = false; ///< the mode's demand is met
};

} // namespace slipway::verify
