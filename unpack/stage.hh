// A stage of a line whose want of memory is told as what it is.

#pragma once

#include <functional>
#include <new>
#include <stop_token>
#include <utility>

#include "base/error.hh"

namespace slipway::unpack {

template <typename Work>
std::function<void(std::stop_token)> stage(Work work) {
    return [work = std::move(work)](const std::stop_token& stop) {
        try {
            work(stop);
        } catch (const std::bad_alloc&) {
            throw Error(Kind::Limit, "there is not enough memory");
        }
    };
}

} // namespace slipway::unpack
