// A descriptor as the end of the line.

#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "base/wait.hh"
#include "stream/sink.hh"

namespace slipway::stream {

/// Writes to a file, pipe or socket from where it stands. A reader that is slow slows the stream
/// down, and `stop` is heard meanwhile. finish() writes what is left; it neither syncs nor closes.
class FdSink final : public Sink {
public:
    /// @param fd    borrowed. Of a pipe that is not O_NONBLOCK little is written at a time, so that
    ///              no write waits
    /// @param name  for messages: "the output"
    /// All functions throw Error NoSpace, or Other with a reader's leaving in words; Canceled. The
    /// program ignores SIGPIPE.
    FdSink(int fd, std::string name, std::stop_token stop);

    std::span<std::byte> room() override;
    void advance(std::size_t size) override;
    void finish() override;
    void write(Bytes data) override;

private:
    void flush();
    void put(Bytes data);
    std::size_t put_some(Bytes data);

    int fd_;
    std::string name_;
    std::stop_token stop_;
    Waiter waiter_;
    bool is_socket_ = false;
    std::size_t at_once_; ///< so many bytes are written at a time
    bool waits_ = false;  ///< its readiness has to be asked for
    std::vector<std::byte> buffer_;
    std::size_t used_ = 0;
};

} // namespace slipway::stream
