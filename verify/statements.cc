// Which digest decides when several are given, and when two cannot both be true.

#include "verify/statements.hh"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::verify {
namespace {

// How much a digest is worth when several are given.
int strength(stream::Algorithm algorithm) noexcept {
    switch (algorithm) {
    case stream::Algorithm::Sha256:
        return 0;
    case stream::Algorithm::Sha384:
        return 1;
    case stream::Algorithm::Blake2b:
        return 2;
    case stream::Algorithm::Sha512:
        break;
    }
    return 3;
}

bool decides_before(const FoundStatement& a, const FoundStatement& b) {
    if (a.signature.has_value() != b.signature.has_value()) {
        return a.signature.has_value();
    }
    return strength(a.algorithm) > strength(b.algorithm);
}

std::string primary(const FoundStatement& statement) {
    return statement.signature ? statement.signature->primary : "";
}

} // namespace

bool is_same_statement(const FoundStatement& a, const FoundStatement& b) {
    return a.document_url == b.document_url && a.algorithm == b.algorithm && a.digest == b.digest &&
           primary(a) == primary(b);
}

std::string Statements::add(FoundStatement statement) {
    const auto other =
        std::find_if(statements_.begin(), statements_.end(), [&](const FoundStatement& had) {
            return had.algorithm == statement.algorithm && had.digest != statement.digest;
        });
    if (other != statements_.end()) {
        return fmt::format("line {} of {} gives {} {}, line {} of {} gives {}", other->line,
                           quoted(other->document_name), stream::display_name(other->algorithm),
                           other->digest, statement.line, quoted(statement.document_name),
                           statement.digest);
    }
    statements_.push_back(std::move(statement));
    return {};
}

std::vector<FoundStatement> Statements::take() {
    std::stable_sort(statements_.begin(), statements_.end(), decides_before);
    return std::move(statements_);
}

} // namespace slipway::verify
