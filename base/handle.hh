// Ownership of objects of C libraries: `using CurlEasy = Handle<CURL, curl_easy_cleanup>;`.

#pragma once

#include <memory>

namespace slipway {

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const noexcept {
        static_cast<void>(Free(object));
    }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

} // namespace slipway
