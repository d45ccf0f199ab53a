// Copying into a sink's room, for whoever has the bytes elsewhere.

#include "stream/sink.hh"

#include <algorithm>
#include <cstring>

namespace slipway::stream {

void Sink::write(Bytes data) {
    while (!data.empty()) {
        const std::span<std::byte> into = room();
        const std::size_t size = std::min(into.size(), data.size());
        std::memcpy(into.data(), data.data(), size);
        advance(size);
        data = data.subspan(size);
    }
}

} // namespace slipway::stream
