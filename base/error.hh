// The one exception of Slipway. A message says what was expected, what was found, what was left
// untouched and what to do next; the way up puts what was being done in front of it.

#pragma once

#include <cerrno>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/outcome.hh"

namespace slipway {

class Error : public std::exception {
public:
    template <typename... Args>
    Error(Kind kind, fmt::format_string<Args...> text, Args&&... args)
        : kind_(kind), message_(fmt::format(text, std::forward<Args>(args)...)) {}

    /// A refusal of verification: the verdict decides kind and exit status.
    template <typename... Args>
    Error(VerdictWord verdict, fmt::format_string<Args...> text, Args&&... args)
        : kind_(kind_of(verdict)), verdict_(verdict),
          message_(fmt::format(text, std::forward<Args>(args)...)) {}

    /// Puts what was being done in front: "pulling X: checking SHA256SUMS: …".
    /// Called in a catch block (by non-const reference), which then says `throw;`.
    template <typename... Args>
    void add_context(fmt::format_string<Args...> text, Args&&... args) {
        message_.insert(0, fmt::format(text, std::forward<Args>(args)...) + ": ");
    }

    /// Adds what was left untouched or what to do next behind the message.
    void add_advice(std::string_view advice) { message_.append(advice); }

    Kind kind() const noexcept { return kind_; }
    std::optional<VerdictWord> verdict() const noexcept { return verdict_; }
    int status() const noexcept { return verdict_ ? exit_status(*verdict_) : exit_status(kind_); }
    const char* what() const noexcept override { return message_.c_str(); }

private:
    Kind kind_;
    std::optional<VerdictWord> verdict_;
    std::string message_;
};

/// Somebody asked to stop. Not an Error, so that no `catch (const Error&)` takes it for one.
class Canceled : public std::exception {
public:
    const char* what() const noexcept override { return "canceled"; }
};

/// The kind that an errno value belongs to (ENOSPC → NoSpace, EBUSY → Busy …).
Kind kind_of_errno(int number) noexcept;

/// The system's words for an errno value; safe from any thread.
std::string errno_text(int number);

namespace detail {
Error make_errno_error(int number, std::string doing);
}

/// An Error for a failed system call: "cannot open X: Permission denied". Takes errno first.
template <typename... Args>
Error errno_error(fmt::format_string<Args...> text, Args&&... args) {
    const int number = errno;
    return detail::make_errno_error(number, fmt::format(text, std::forward<Args>(args)...));
}

} // namespace slipway
