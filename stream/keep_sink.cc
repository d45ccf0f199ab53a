// write(2) in pieces. What close(2) says counts: some file systems tell of a full disk only then.

#include "stream/keep_sink.hh"

#include <cassert>
#include <cerrno>

#include <unistd.h>

#include "base/error.hh"

namespace slipway::stream {

std::span<std::byte> KeepSink::room() {
    room_ = next_.room();
    return room_;
}

void KeepSink::advance(std::size_t size) {
    assert(size <= room_.size());
    keep(room_.first(size));
    next_.advance(size);
}

void KeepSink::finish() {
    if (file_ && ::close(file_.release()) < 0) {
        give_up();
    }
    next_.finish();
}

void KeepSink::keep(Bytes data) {
    while (file_ && !data.empty()) {
        const ssize_t done = ::write(file_.get(), data.data(), data.size());
        if (done > 0) {
            data = data.subspan(static_cast<std::size_t>(done));
        } else if (done == 0 || errno != EINTR) {
            errno = done == 0 ? EIO : errno;
            give_up();
        }
    }
}

void KeepSink::give_up() {
    why_ = errno_text(errno);
    file_.reset();
}

} // namespace slipway::stream
