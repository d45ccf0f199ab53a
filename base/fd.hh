// A file descriptor with an owner.

#pragma once

#include <utility>

namespace slipway {

/// Owns one descriptor. Move-only; knows nothing of files. The destructor ignores errors of
/// close(2): what was written is closed with close().
class Fd {
public:
    Fd() noexcept = default;
    explicit Fd(int number) noexcept : number_(number) {}
    Fd(Fd&& other) noexcept : number_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset(other.release());
        }
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }

    /// Gives the descriptor away: the caller closes it.
    int release() noexcept { return std::exchange(number_, -1); }

    /// Closes what is held, ignoring errors, and holds `number` instead.
    void reset(int number = -1) noexcept;

    /// Closes and reports what close(2) says, which for a written file may be a lost write.
    /// @throws Error  the descriptor is gone all the same
    void close();

    /// A second descriptor for the same open file, close-on-exec.
    Fd duplicate() const;

private:
    int number_ = -1;
};

} // namespace slipway
