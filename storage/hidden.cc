// Making and recognising hidden names.

#include "storage/hidden.hh"

#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>
#include <sys/random.h>

#include "base/error.hh"
#include "storage/sibling.hh"

namespace slipway::storage {
namespace {

constexpr std::string_view kPrefix = ".#slipway-";
constexpr std::size_t kIdLength = 16;

bool is_part(std::string_view rest) noexcept {
    return rest.empty() || rest == ".lck" || rest == ".plan" || rest == ".scratch" ||
           std::any_of(kSiblings.begin(), kSiblings.end(),
                       [rest](Sibling kind) { return rest == suffix(kind); });
}

} // namespace

HiddenNames::HiddenNames(std::string_view id)
    : content(fmt::format("{}{}", kPrefix, id)), lock(content + ".lck"), plan(content + ".plan"),
      scratch(content + ".scratch") {
    assert(is_job_id(id));
}

bool is_job_id(std::string_view text) noexcept {
    return text.size() == kIdLength && std::all_of(text.begin(), text.end(), [](char digit) {
               return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
           });
}

std::string make_job_id() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
        throw errno_error("cannot get random bytes");
    }
    return fmt::format("{:016x}", number);
}

std::optional<std::string> find_job_id(std::string_view file_name) {
    if (!file_name.starts_with(kPrefix)) {
        return std::nullopt;
    }
    const std::string_view id = file_name.substr(kPrefix.size(), kIdLength);
    const std::string_view rest =
        file_name.substr(std::min(file_name.size(), kPrefix.size() + kIdLength));
    if (!is_job_id(id) || !is_part(rest)) {
        return std::nullopt;
    }
    return std::string(id);
}

std::optional<std::string> find_locked_file(std::string_view file_name) {
    constexpr std::string_view kBefore = ".#";
    constexpr std::string_view kBehind = ".lck";
    if (!file_name.starts_with(kBefore) || !file_name.ends_with(kBehind) ||
        file_name.size() <= kBefore.size() + kBehind.size() || find_job_id(file_name)) {
        return std::nullopt;
    }
    file_name.remove_prefix(kBefore.size());
    file_name.remove_suffix(kBehind.size());
    return std::string(file_name);
}

} // namespace slipway::storage
