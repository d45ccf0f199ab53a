// docs/verification.md, "Where documents lie", carried out. What does not vouch is noted and the
// search goes on; a bad signature and a conflict end it, and so does a proof that cannot be
// fetched.

#include "verify/search.hh"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/quoted.hh"
#include "base/size.hh"
#include "verify/acceptance.hh"
#include "verify/discovery.hh"
#include "verify/openpgp_text.hh"

namespace slipway::verify {
namespace {

class Search {
public:
    Search(Library& library, Mode mode, const Url& image, std::chrono::system_clock::time_point now,
           LookAgain look_again)
        : library_(library), mode_(mode), image_(image), file_(image.file_name()), now_(now),
          look_again_(look_again) {}

    Evidence run() {
        for (const std::string& name : document_names(file_)) {
            consider(name);
            if (refusal_ || vouched_) {
                break;
            }
        }
        if (!refusal_ && !vouched_) {
            refusal_ = findings_.refusal(image_.masked());
        }
        return {statements_.take(), std::move(refusal_)};
    }

private:
    void consider(const std::string& name) {
        findings_.looked_for(name);
        const auto document = find_proof(library_, image_, name, kMaxDocumentBytes, look_again_);
        if (!document) {
            return;
        }
        if (document->too_large) {
            note(VerdictWord::Unparsable,
                 fmt::format("{} is not a checksum document: it is larger than {}", quoted(name),
                             format_size(kMaxDocumentBytes)));
            return;
        }
        const ChecksumFile file = library_.read(document->content, name, file_);
        if (!is_usable(file, name)) {
            return;
        }
        if (mode_ == Mode::Signature && file.clearsigned) {
            consider_clearsigned(document->content, name);
        } else if (mode_ == Mode::Signature) {
            consider_signatures(document->content, name, file);
        }
        // In signature mode, too: whatever vouches later has to agree with it.
        if (!refusal_ && !vouched_) {
            add_statements(file, name, std::nullopt);
            vouched_ = mode_ == Mode::Checksum;
        }
    }

    // Whether a document gives digests for our file; notes why not.
    bool is_usable(const ChecksumFile& file, const std::string& name) {
        const auto counts = [](const ChecksumEntry& entry) { return entry.algorithm.has_value(); };
        if (!file.problem.empty()) {
            note(VerdictWord::Unparsable, fmt::format("{} {}", quoted(name), file.problem));
        } else if (file.entries.empty()) {
            note(VerdictWord::NoEntry,
                 fmt::format("no entry for {} in {} ({} other{})", quoted(file_), quoted(name),
                             file.others, file.others == 1 ? "" : "s"));
        } else if (std::none_of(file.entries.begin(), file.entries.end(), counts)) {
            note(VerdictWord::WeakDigest,
                 fmt::format("weak digest: only {} in {}",
                             quoted(file.entries.front().algorithm_word), quoted(name)));
        } else {
            return true;
        }
        return false;
    }

    void consider_signatures(const std::string& document, const std::string& name,
                             const ChecksumFile& file) {
        const std::vector<std::string> names = signature_names(name);
        std::size_t found = 0;
        for (const std::string& signature : names) {
            const auto proof =
                find_proof(library_, image_, signature, kMaxSignatureBytes, look_again_);
            if (proof) {
                ++found;
                findings_.found_signature();
                consider_signature(document, name, file, *proof, signature);
            }
            if (refusal_ || vouched_) {
                return;
            }
        }
        if (found == 0) {
            findings_.missing_signatures(names);
        }
    }

    void consider_signature(const std::string& document, const std::string& name,
                            const ChecksumFile& file, const Proof& proof,
                            const std::string& signature) {
        if (proof.too_large) {
            note(VerdictWord::Unparsable,
                 fmt::format("{} is not a signature: it is larger than {}", quoted(signature),
                             format_size(kMaxSignatureBytes)));
        } else if (is_clearsigned(proof.content)) { // a signed copy, which is its own document
            consider_clearsigned(proof.content, signature);
            if (vouched_) {
                add_statements(file, name, std::nullopt);
            }
        } else if (const auto signer =
                       judge(library_.check_detached(document, proof.content), signature)) {
            add_statements(file, name, signer);
        }
    }

    void consider_clearsigned(const std::string& document, const std::string& name) {
        findings_.found_signature();
        const SignatureReport report = library_.check_clearsigned(document);
        const auto signer = judge(report, name);
        if (!signer) {
            return;
        }
        const ChecksumFile file = library_.read(report.text, name, file_); // the engine's text only
        if (is_usable(file, name)) {
            add_statements(file, name, signer);
        }
    }

    // The signature that counts; notes why none does, and refuses where that is final.
    std::optional<Signature> judge(const SignatureReport& report, const std::string& name) {
        for (const std::string& warning : report.warnings) {
            if (std::find(warned_.begin(), warned_.end(), warning) == warned_.end()) {
                warned_.push_back(warning);
                library_.warn(warning);
            }
        }
        Acceptance acceptance = accept_signatures(report, quoted(name), now_);
        if (acceptance.accepted) {
            library_.debug(
                fmt::format("{}: signed by {}", quoted(name), key_and_owner(*acceptance.accepted)));
        } else if (acceptance.final) {
            refusal_ = make_refusal(acceptance.word, acceptance.reason);
            refusal_->look_again = acceptance.word == VerdictWord::BadSignature;
        } else {
            note(acceptance.word, std::move(acceptance.reason));
        }
        return std::move(acceptance.accepted);
    }

    // Adds what a document says; with a signature the demand is met, unless it contradicts itself
    // or what was read before.
    void add_statements(const ChecksumFile& file, const std::string& name,
                        const std::optional<Signature>& signature) {
        for (const ChecksumEntry& entry : file.entries) {
            std::string contradiction;
            if (entry.algorithm) {
                contradiction =
                    statements_.add({name, image_.sibling(name).masked(), *entry.algorithm,
                                     entry.digest, entry.line, signature});
            }
            if (!contradiction.empty()) {
                refusal_ = make_refusal(
                    VerdictWord::Conflict,
                    fmt::format("conflict: two entries for {}: {}", quoted(file_), contradiction));
                return;
            }
        }
        if (file.alias) {
            library_.warn(fmt::format("{} calls the file {}; taken for {}", quoted(name),
                                      quoted(*file.alias), quoted(file_)));
        }
        vouched_ = vouched_ || signature;
    }

    void note(VerdictWord word, std::string reason) {
        library_.debug(reason);
        findings_.note(word, std::move(reason));
    }

    Library& library_;
    Mode mode_;
    const Url& image_;
    std::string file_;
    std::chrono::system_clock::time_point now_;
    LookAgain look_again_;
    Statements statements_;
    Findings findings_;
    std::vector<std::string> warned_;
    std::optional<Refusal> refusal_;
    bool vouched_ = false; ///< the mode's demand is met
};

} // namespace

Evidence search(Library& library, Mode mode, const Url& image,
                std::chrono::system_clock::time_point now, LookAgain look_again) {
    return Search(library, mode, image, now, look_again).run();
}

} // namespace slipway::verify
