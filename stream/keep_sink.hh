// A file that keeps the bytes that pass.

#pragma once

#include <string>

#include "base/fd.hh"
#include "stream/sink.hh"

namespace slipway::stream {

/// Passes bytes on unchanged once they have been written to a file. A file that cannot be written
/// (a full disk, a quota) is no error of the stream: nothing is kept any more, and why() says so.
class KeepSink final : public Sink {
public:
    /// @param file  an empty regular file, opened for writing
    KeepSink(Sink& next, Fd file) : next_(next), file_(std::move(file)) {}
    std::span<std::byte> room() override;
    void advance(std::size_t size) override;
    void finish() override;

    /// Why the file does not hold all that has passed; empty: it does. After finish().
    const std::string& why() const noexcept { return why_; }

private:
    void keep(Bytes data);
    void give_up();

    Sink& next_;
    Fd file_; ///< none: given up, or done
    std::span<std::byte> room_;
    std::string why_;
};

} // namespace slipway::stream
