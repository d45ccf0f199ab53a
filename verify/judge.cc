// The only maker of Verdict. What it judges by was gathered before the image was asked for; what it
// judges are digests, never bytes.

#include "verify/judge.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "verify/acceptance.hh"
#include "verify/search.hh"

namespace slipway::verify {
namespace {

// A second look can bring documents with another algorithm than the one that was computed: such a
// digest matches nothing, and the image is fetched again.
std::string digest_of(const stream::Digests& digests, stream::Algorithm algorithm) {
    const auto found = digests.find(algorithm);
    return found == digests.end() ? "not known" : found->second;
}

// Only a validly signed statement that contradicts the bytes lets us speak of tampering.
Error mismatch(const FoundStatement& statement, std::string_view found) {
    const std::string algorithm(stream::display_name(statement.algorithm));
    if (statement.signature) {
        return {
            VerdictWord::DigestMismatch,
            "{} is {}, {} (signed by {}) says {}: it was tampered with or replaced; nothing was "
            "stored. Pull again; if it repeats, the mirror is stale or hostile",
            algorithm,
            found,
            quoted(statement.document_name),
            key_and_owner(*statement.signature),
            statement.digest};
    }
    return {VerdictWord::DigestMismatch,
            "{} is {}, {} says {}: it does not match; nothing was stored. Pull again; if it "
            "repeats, the mirror is stale",
            algorithm,
            found,
            quoted(statement.document_name),
            statement.digest};
}

std::string sentence(const ImageSignature& signature) {
    return fmt::format("verified: signed by {} ({}, over the image itself)",
                       key_and_owner(signature.foreseen), quoted(signature.name));
}

std::string sentence(const FoundStatement& statement) {
    const std::string_view algorithm = stream::display_name(statement.algorithm);
    if (statement.signature) {
        return fmt::format("verified: {}, signed by {}", algorithm,
                           key_and_owner(*statement.signature));
    }
    return fmt::format("verified: {} as {} says; no signature was asked for", algorithm,
                       quoted(statement.document_name));
}

void set_signer(Statement& statement, const Signature& signature) {
    statement.key = signature.primary;
    statement.signing_key = signature.fingerprint;
    statement.owner = signature.owner;
    statement.signed_at = signature.created;
}

// The signature over the image where there is one: it vouches, digests only have to agree.
Statement to_statement(const Evidence& evidence) {
    Statement statement;
    if (!evidence.statements.empty()) {
        const FoundStatement& found = evidence.statements.front();
        statement.document = found.document_url;
        statement.document_digest = found.document_digest;
        statement.algorithm = stream::word(found.algorithm);
        statement.digest = found.digest;
        statement.line = found.line;
        statement.freshness = found.freshness;
        if (found.signature) {
            set_signer(statement, *found.signature);
        }
    }
    if (evidence.image_signature) {
        statement.document = evidence.image_signature->url;
        statement.document_digest.clear();
        statement.line = 0;
        statement.freshness = evidence.image_signature->freshness;
        set_signer(statement, evidence.image_signature->foreseen);
    }
    return statement;
}

bool is_same(const Evidence& a, const Evidence& b) {
    const auto content = [](const Evidence& evidence) {
        return evidence.image_signature ? evidence.image_signature->content : "";
    };
    return content(a) == content(b) &&
           std::equal(a.statements.begin(), a.statements.end(), b.statements.begin(),
                      b.statements.end(), is_same_statement);
}

bool asks_publisher(Mode mode) noexcept {
    return mode == Mode::Checksum || mode == Mode::Signature;
}

} // namespace

struct Judge::State {
    Inquiry inquiry;
    Mode mode;         ///< what is asked for; at a place that is reserved at least a signature
    Evidence evidence; ///< without a refusal
    Statement accepted;
    bool gathered = false;
    bool looked_again = false;

    void accept(Evidence found) {
        evidence = std::move(found);
        accepted = to_statement(evidence);
        gathered = true;
    }
};

Judge::Judge(Inquiry inquiry) : state_(std::make_unique<State>()) {
    const Policy& policy = inquiry.policy;
    if (asks_publisher(policy.mode) && !inquiry.image) {
        throw Error(Kind::InvalidArgument,
                    "--verify={} needs a URL: nothing lies beside an input that is imported; "
                    "expected --verify=no or its digest",
                    word(policy.mode));
    }
    if (policy.mode == Mode::Digest) {
        state_->accepted.algorithm = stream::word(policy.algorithm);
        state_->accepted.digest = policy.digest;
    }
    state_->mode = policy.mode;
    state_->inquiry = std::move(inquiry);
}

Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;

void Judge::gather(Library& library) {
    const Inquiry& inquiry = state_->inquiry;
    if (!asks_publisher(state_->mode)) {
        return;
    }
    if (state_->mode == Mode::Checksum && inquiry.scope.is_reserved()) {
        library.warn(fmt::format("a key is pinned to this place ({}): its signature is asked for, "
                                 "a checksum alone is not enough",
                                 fmt::join(inquiry.scope.rules().reserved_by, ", ")));
        state_->mode = Mode::Signature;
    }
    Evidence evidence = search(library, inquiry, state_->mode, LookAgain::No);
    if (evidence.refusal && evidence.refusal->look_again) {
        library.debug("looking again, past caches: document and signature may be of two ages");
        evidence = search(library, inquiry, state_->mode, LookAgain::Yes);
    }
    if (evidence.refusal) {
        throw Error(evidence.refusal->word, "{}", evidence.refusal->text);
    }
    if (state_->mode == Mode::Checksum && inquiry.image->scheme() == "http") {
        library.warn(fmt::format("{} comes over plain http: it says nothing about who made the "
                                 "image",
                                 quoted(evidence.statements.front().document_name)));
    }
    state_->accept(std::move(evidence));
}

std::vector<stream::Algorithm> Judge::algorithms() const {
    std::vector<stream::Algorithm> algorithms;
    if (state_->mode == Mode::Digest) {
        algorithms.push_back(state_->inquiry.policy.algorithm);
    }
    for (const FoundStatement& statement : state_->evidence.statements) {
        if (std::find(algorithms.begin(), algorithms.end(), statement.algorithm) ==
            algorithms.end()) {
            algorithms.push_back(statement.algorithm);
        }
    }
    return algorithms;
}

stream::Digests Judge::expected() const {
    stream::Digests digests;
    if (state_->mode == Mode::Digest) {
        digests.emplace(state_->inquiry.policy.algorithm, state_->inquiry.policy.digest);
    }
    for (const FoundStatement& statement : state_->evidence.statements) {
        digests.emplace(statement.algorithm, statement.digest);
    }
    return digests;
}

const ImageSignature* Judge::image_signature() const noexcept {
    const auto& signature = state_->evidence.image_signature;
    return signature ? &*signature : nullptr;
}

Verdict Judge::judge(const stream::Digests& digests, const SignatureReport* over_image) const {
    const Policy& policy = state_->inquiry.policy;
    if (policy.mode == Mode::No) {
        return {VerdictWord::Unchecked, "not verified, as --verify=no asks", {}};
    }
    if (policy.mode == Mode::Digest) {
        return judge_given_digest(digests);
    }
    if (!state_->gathered) {
        throw Error(Kind::Internal, "an image was to be judged before documents were gathered");
    }
    const Evidence& evidence = state_->evidence;
    for (const FoundStatement& statement : evidence.statements) {
        const std::string found = digest_of(digests, statement.algorithm);
        if (found != statement.digest) {
            throw mismatch(statement, found);
        }
    }
    if (!evidence.image_signature) {
        return {VerdictWord::Verified, sentence(evidence.statements.front()), state_->accepted.key};
    }
    judge_image_signature(over_image);
    return {VerdictWord::Verified, sentence(*evidence.image_signature), state_->accepted.key};
}

Verdict Judge::judge_given_digest(const stream::Digests& digests) const {
    const Policy& policy = state_->inquiry.policy;
    const std::string found = digest_of(digests, policy.algorithm);
    const std::string_view algorithm = stream::display_name(policy.algorithm);
    if (found != policy.digest) {
        throw Error(VerdictWord::DigestMismatch,
                    "{} is {}, --verify says {}: it does not match; nothing was stored", algorithm,
                    found, policy.digest);
    }
    return {VerdictWord::DigestGiven,
            fmt::format("verified: {} is the one that --verify gives", algorithm),
            {}};
}

// @throws what keeps it from counting
void Judge::judge_image_signature(const SignatureReport* over_image) const {
    const Inquiry& inquiry = state_->inquiry;
    if (over_image == nullptr) {
        throw Error(Kind::Internal, "the signature over the image was not checked");
    }
    const Acceptance acceptance = accept_signatures(
        *over_image, quoted(state_->evidence.image_signature->name), {inquiry.now, inquiry.scope});
    if (!acceptance.accepted) {
        const Refusal refusal = make_refusal(acceptance.word, acceptance.reason);
        throw Error(refusal.word, "{}", refusal.text);
    }
}

bool Judge::look_again(Library& library) {
    if (!asks_publisher(state_->mode) || std::exchange(state_->looked_again, true)) {
        return false;
    }
    Evidence evidence = search(library, state_->inquiry, state_->mode, LookAgain::Yes);
    if (evidence.refusal || is_same(evidence, state_->evidence)) {
        return false;
    }
    state_->accept(std::move(evidence));
    return true;
}

const Statement& Judge::statement() const noexcept {
    return state_->accepted;
}

} // namespace slipway::verify
