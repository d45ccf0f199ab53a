// Look-ups in the table of base/outcome.def.

#include "base/outcome.hh"

#include <array>
#include <cstddef>

namespace slipway {
namespace {

struct KindRow {
    Kind kind;
    std::string_view word;
    int status;
};

constexpr std::array kKinds{
#define KIND(name, word, status, meaning) KindRow{Kind::name, word, status},
#include "base/outcome.def"
#undef KIND
};

struct VerdictRow {
    VerdictWord verdict;
    std::string_view word;
    Kind kind;
    int status;
    int rank;
};

constexpr std::array kVerdicts{
#define VERDICT(name, word, kind, status, bus_name, rank)                                          \
    VerdictRow{VerdictWord::name, word, Kind::kind, status, rank},
#include "base/outcome.def"
#undef VERDICT
};

const KindRow& row(Kind kind) noexcept {
    return kKinds.at(static_cast<std::size_t>(kind));
}

const VerdictRow& row(VerdictWord verdict) noexcept {
    return kVerdicts.at(static_cast<std::size_t>(verdict));
}

} // namespace

std::string_view word(Kind kind) noexcept {
    return row(kind).word;
}
std::string_view word(VerdictWord verdict) noexcept {
    return row(verdict).word;
}
int exit_status(Kind kind) noexcept {
    return row(kind).status;
}
int exit_status(VerdictWord verdict) noexcept {
    return row(verdict).status;
}
Kind kind_of(VerdictWord verdict) noexcept {
    return row(verdict).kind;
}
int rank(VerdictWord verdict) noexcept {
    return row(verdict).rank;
}

std::optional<Kind> find_kind(std::string_view word) noexcept {
    for (const KindRow& entry : kKinds) {
        if (entry.word == word) {
            return entry.kind;
        }
    }
    return std::nullopt;
}

std::optional<VerdictWord> find_verdict(std::string_view word) noexcept {
    for (const VerdictRow& entry : kVerdicts) {
        if (entry.word == word) {
            return entry.verdict;
        }
    }
    return std::nullopt;
}

} // namespace slipway
