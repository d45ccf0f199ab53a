// Kinds of error and verdicts of verification, made from the one table in base/outcome.def.

#pragma once

#include <optional>
#include <string_view>

namespace slipway {

/// What sort of thing went wrong; decides the exit status.
enum class Kind {
#define KIND(name, word, status, meaning) name,
#include "base/outcome.def"
#undef KIND
};

/// How verification ended; the words are those of docs/verification.md.
enum class VerdictWord {
#define VERDICT(name, word, kind, status, bus_name, rank) name,
#include "base/outcome.def"
#undef VERDICT
};

inline constexpr int kExitCanceled = 9;

/// The word used in events and --json, e.g. "no-space".
std::string_view word(Kind kind) noexcept;
std::string_view word(VerdictWord verdict) noexcept;

/// The exit status of a program that ends with this.
int exit_status(Kind kind) noexcept;
int exit_status(VerdictWord verdict) noexcept;

/// The kind of error that a verdict is reported as.
Kind kind_of(VerdictWord verdict) noexcept;

/// Of several verdicts that apply the one with the highest rank is the most telling.
int rank(VerdictWord verdict) noexcept;

/// The reverse of word(); nothing for a word that is not in the table.
std::optional<Kind> find_kind(std::string_view word) noexcept;
std::optional<VerdictWord> find_verdict(std::string_view word) noexcept;

} // namespace slipway
