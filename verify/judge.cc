// The only maker of Verdict. What it judges by was gathered before the image was asked for; what it
// judges are digests, never bytes.

#include "verify/judge.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

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

std::string sentence(const FoundStatement& statement) {
    const std::string_view algorithm = stream::display_name(statement.algorithm);
    if (statement.signature) {
        return fmt::format("verified: {}, signed by {}", algorithm,
                           key_and_owner(*statement.signature));
    }
    return fmt::format("verified: {} as {} says; no signature was asked for", algorithm,
                       quoted(statement.document_name));
}

Statement to_statement(const FoundStatement& found) {
    Statement statement{.document = found.document_url,
                        .algorithm = std::string(stream::word(found.algorithm)),
                        .digest = found.digest,
                        .line = found.line,
                        .key = {},
                        .signing_key = {},
                        .owner = {}};
    if (found.signature) {
        statement.key = found.signature->primary;
        statement.signing_key = found.signature->fingerprint;
        statement.owner = found.signature->owner;
        statement.signed_at = found.signature->created;
    }
    return statement;
}

bool asks_publisher(Mode mode) noexcept {
    return mode == Mode::Checksum || mode == Mode::Signature;
}

} // namespace

struct Judge::State {
    Policy policy;
    std::optional<Url> image;
    std::chrono::system_clock::time_point now;
    std::vector<FoundStatement> statements; ///< the one that decides is in front
    Statement accepted;
    bool looked_again = false;

    void accept(std::vector<FoundStatement> found) {
        statements = std::move(found);
        accepted = to_statement(statements.front());
    }
};

Judge::Judge(Policy policy, std::optional<Url> image, std::chrono::system_clock::time_point now)
    : state_(std::make_unique<State>()) {
    if (asks_publisher(policy.mode) && !image) {
        throw Error(Kind::InvalidArgument,
                    "--verify={} needs a URL: nothing lies beside an input that is imported; "
                    "expected --verify=no or its digest",
                    word(policy.mode));
    }
    state_->image = std::move(image);
    state_->now = now;
    if (policy.mode == Mode::Digest) {
        state_->accepted.algorithm = stream::word(policy.algorithm);
        state_->accepted.digest = policy.digest;
    }
    state_->policy = std::move(policy);
}

Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;

void Judge::gather(Library& library) {
    const Mode mode = state_->policy.mode;
    if (!asks_publisher(mode)) {
        return;
    }
    Evidence evidence = search(library, mode, *state_->image, state_->now, LookAgain::No);
    if (evidence.refusal && evidence.refusal->look_again) {
        library.debug("looking again, past caches: document and signature may be of two ages");
        evidence = search(library, mode, *state_->image, state_->now, LookAgain::Yes);
    }
    if (evidence.refusal) {
        throw Error(evidence.refusal->word, "{}", evidence.refusal->text);
    }
    if (mode == Mode::Checksum && state_->image->scheme() == "http") {
        library.warn(fmt::format("{} comes over plain http: it says nothing about who made the "
                                 "image",
                                 quoted(evidence.statements.front().document_name)));
    }
    state_->accept(std::move(evidence.statements));
}

std::vector<stream::Algorithm> Judge::algorithms() const {
    std::vector<stream::Algorithm> algorithms;
    if (state_->policy.mode == Mode::Digest) {
        algorithms.push_back(state_->policy.algorithm);
    }
    for (const FoundStatement& statement : state_->statements) {
        if (std::find(algorithms.begin(), algorithms.end(), statement.algorithm) ==
            algorithms.end()) {
            algorithms.push_back(statement.algorithm);
        }
    }
    return algorithms;
}

Verdict Judge::judge(const stream::Digests& digests) const {
    const Policy& policy = state_->policy;
    if (policy.mode == Mode::No) {
        return {VerdictWord::Unchecked, "not verified, as --verify=no asks", {}};
    }
    if (policy.mode == Mode::Digest) {
        const std::string found = digest_of(digests, policy.algorithm);
        const std::string_view algorithm = stream::display_name(policy.algorithm);
        if (found != policy.digest) {
            throw Error(VerdictWord::DigestMismatch,
                        "{} is {}, --verify says {}: it does not match; nothing was stored",
                        algorithm, found, policy.digest);
        }
        return {VerdictWord::DigestGiven,
                fmt::format("verified: {} is the one that --verify gives", algorithm),
                {}};
    }
    if (state_->statements.empty()) {
        throw Error(Kind::Internal, "an image was to be judged before documents were gathered");
    }
    for (const FoundStatement& statement : state_->statements) {
        const std::string found = digest_of(digests, statement.algorithm);
        if (found != statement.digest) {
            throw mismatch(statement, found);
        }
    }
    return {VerdictWord::Verified, sentence(state_->statements.front()), state_->accepted.key};
}

bool Judge::look_again(Library& library) {
    if (!asks_publisher(state_->policy.mode) || std::exchange(state_->looked_again, true)) {
        return false;
    }
    Evidence evidence =
        search(library, state_->policy.mode, *state_->image, state_->now, LookAgain::Yes);
    const bool same =
        std::equal(evidence.statements.begin(), evidence.statements.end(),
                   state_->statements.begin(), state_->statements.end(), is_same_statement);
    if (evidence.refusal || same) {
        return false;
    }
    state_->accept(std::move(evidence.statements));
    return true;
}

const Statement& Judge::statement() const noexcept {
    return state_->accepted;
}

} // namespace slipway::verify
