// What does not vouch is noted; a bad signature and a conflict are final.

#include "verify/dossier.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/quoted.hh"
#include "base/size.hh"
#include "verify/discovery.hh"

namespace slipway::verify {
namespace {

bool counts(const ChecksumEntry& entry) noexcept {
    return entry.algorithm.has_value();
}

std::string others(const ChecksumFile& file) {
    return fmt::format("{} other{}", file.others, file.others == 1 ? "" : "s");
}

// "SHA-512 of 'a.img' in line 3".
std::string summary(const ChecksumFile& file, std::string_view file_name) {
    std::string text;
    for (const ChecksumEntry& entry : file.entries) {
        if (entry.algorithm) {
            text += fmt::format("{}{} of {} in line {}", text.empty() ? "" : ", ",
                                stream::display_name(*entry.algorithm),
                                quoted(file.alias.value_or(std::string(file_name))), entry.line);
        }
    }
    return text;
}

} // namespace

Dossier::Dossier(Library& library, const Inquiry& inquiry, Mode mode)
    : library_(library), inquiry_(inquiry), mode_(mode), file_(inquiry.image->file_name()),
      findings_(file_) {}

void Dossier::too_large(const std::string& name, std::string_view what, std::uint64_t limit_bytes) {
    std::string reason = fmt::format("{} is not {}: it is larger than {}", quoted(name), what,
                                     format_size(limit_bytes));
    library_.seen(name, kFound, reason);
    findings_.note(VerdictWord::Unparsable, std::move(reason));
}

void Dossier::too_large_document(const std::string& name) {
    too_large(name, "a checksum document", kMaxDocumentBytes);
}

void Dossier::too_large_signature(const std::string& name) {
    findings_.found_signature();
    too_large(name, "a signature", kMaxSignatureBytes);
}

void Dossier::given_is_absent(const Url& url, int status) {
    refuse(mode_ == Mode::Signature ? VerdictWord::Unsigned : VerdictWord::NoChecksum,
           fmt::format("{} is not there (the answer is {})", quoted(url.masked()), status));
}

std::optional<ChecksumFile> Dossier::read(const Paper& document) {
    ChecksumFile file = library_.read(document.content, document.name, file_);
    std::string reason;
    VerdictWord word = VerdictWord::Unparsable;
    if (!file.problem.empty()) {
        reason = fmt::format("{} {}", quoted(document.name), file.problem);
    } else if (file.entries.empty()) {
        word = VerdictWord::NoEntry;
        reason = fmt::format("no entry for {} in {} ({})", quoted(file_), quoted(document.name),
                             others(file));
    } else if (std::none_of(file.entries.begin(), file.entries.end(), counts)) {
        word = VerdictWord::WeakDigest;
        reason = fmt::format("weak digest: only {} in {}",
                             quoted(file.entries.front().algorithm_word), quoted(document.name));
    } else {
        seen(document, summary(file, file_));
        return file;
    }
    seen(document, reason);
    findings_.note(word, std::move(reason));
    return std::nullopt;
}

void Dossier::add_unsigned(const Paper& document, const ChecksumFile& file) {
    add_statements(file, document, std::nullopt);
    vouched_ = vouched_ || mode_ == Mode::Checksum;
}

void Dossier::add_clearsigned(const Paper& document, const std::string& digest) {
    findings_.found_signature();
    const SignatureReport report = library_.check_clearsigned(document.content);
    const auto signer = weigh(report, document, false);
    if (!signer) {
        return;
    }
    std::optional<ChecksumFile> file = read({document.name, document.url, report.text});
    if (file) {
        file->digest = digest;
        add_statements(*file, document, signer);
    }
}

void Dossier::add_signature(const Paper& document, const ChecksumFile& file,
                            const Paper& signature) {
    findings_.found_signature();
    const SignatureReport report = library_.check_detached(document.content, signature.content);
    if (const auto signer = weigh(report, signature, false)) {
        add_statements(file, document, signer);
    }
}

void Dossier::add_image_signature(const Paper& signature) {
    findings_.found_signature();
    const SignatureReport report = library_.foresee(signature.content);
    if (const auto signer = weigh(report, signature, true)) {
        image_signature_ = ImageSignature{signature.name, signature.url.masked(), signature.content,
                                          freshness_place(signature.url, file_), *signer};
        vouched_ = true;
    }
}

void Dossier::add_page(const Paper& page) {
    std::string reason = fmt::format("{} is not a signature: starts with {}", quoted(page.name),
                                     quoted(page.content, 60));
    seen(page, reason);
    findings_.note(VerdictWord::Unparsable, std::move(reason));
}

// The signature that counts; notes why none does, and refuses where that is final.
std::optional<Signature> Dossier::weigh(const SignatureReport& report, const Paper& paper,
                                        bool foreseen) {
    for (const std::string& warning : report.warnings) {
        if (std::find(warned_.begin(), warned_.end(), warning) == warned_.end()) {
            warned_.push_back(warning);
            library_.warn(warning);
        }
    }
    Acceptance acceptance =
        accept_signatures(report, quoted(paper.name), {inquiry_.now, inquiry_.scope, foreseen});
    if (acceptance.accepted) {
        seen(paper, fmt::format("{} by {}", foreseen ? "the image is signed" : "signed",
                                key_and_owner(*acceptance.accepted)));
        return std::move(acceptance.accepted);
    }
    seen(paper, acceptance.reason);
    if (acceptance.final) {
        refuse(acceptance.word, acceptance.reason);
        refusal_->look_again = acceptance.word == VerdictWord::BadSignature;
    } else {
        findings_.note(acceptance.word, std::move(acceptance.reason));
    }
    return std::nullopt;
}

// With a signature the demand is met, unless the document contradicts itself or what was read
// before.
void Dossier::add_statements(const ChecksumFile& file, const Paper& document,
                             const std::optional<Signature>& signature) {
    for (const ChecksumEntry& entry : file.entries) {
        std::string contradiction;
        if (entry.algorithm) {
            contradiction = statements_.add({document.name, document.url.masked(), file.digest,
                                             *entry.algorithm, entry.digest, entry.line,
                                             freshness_place(document.url, file_), signature});
        }
        if (!contradiction.empty()) {
            refuse(VerdictWord::Conflict,
                   fmt::format("conflict: two entries for {}: {}", quoted(file_), contradiction));
            return;
        }
    }
    if (file.alias) {
        library_.warn(fmt::format("{} calls the file {}; taken for {}", quoted(document.name),
                                  quoted(*file.alias), quoted(file_)));
    }
    vouched_ = vouched_ || signature;
}

void Dossier::refuse(VerdictWord word, const std::string& reason) {
    refusal_ = make_refusal(word, reason);
}

Evidence Dossier::close() && {
    if (!is_closed()) {
        refusal_ = findings_.refusal(inquiry_.image->masked());
        if (!unused_signature_.empty()) {
            refusal_->text +=
                fmt::format(". {} may sign the image itself: --verify=signature would check that",
                            quoted(unused_signature_));
        }
    }
    return {statements_.take(), std::move(image_signature_), std::move(refusal_)};
}

} // namespace slipway::verify
