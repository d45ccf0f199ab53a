// Any other key in between begins anew.

#include "cli/detach_key.hh"

namespace slipway::cli {
namespace {

constexpr char kKey = 0x1d; // ^]
constexpr int kTimes = 3;
constexpr std::chrono::seconds kWithin{1};

} // namespace

std::size_t DetachKey::passed_on(std::string_view typed, Time now) noexcept {
    for (std::size_t i = 0; i < typed.size(); ++i) {
        if (typed[i] != kKey) {
            count_ = 0;
            continue;
        }
        if (count_ == 0 || now - first_ > kWithin) {
            count_ = 0;
            first_ = now;
        }
        if (++count_ == kTimes) {
            return i;
        }
    }
    return typed.size();
}

} // namespace slipway::cli
