// The vocabulary of misbehaviour.

#include "tests/support/http_behaviour.hh"

namespace slipway::tests {

Behaviour Behaviour::with_header(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
}

Behaviour Behaviour::with_headers(std::size_t count, std::size_t size) && {
    for (std::size_t i = 0; i < count; ++i) {
        headers.emplace_back("X-" + std::to_string(i), std::string(size, 'x'));
    }
    return std::move(*this);
}

Behaviour Behaviour::without_header(std::string name) && {
    left_out.push_back(std::move(name));
    return std::move(*this);
}

Behaviour Behaviour::claiming_length(std::uint64_t bytes) && {
    length = bytes;
    return std::move(*this);
}

Behaviour Behaviour::chunked() && {
    framing = Framing::Chunked;
    return std::move(*this);
}

Behaviour Behaviour::until_close() && {
    framing = Framing::UntilClose;
    version = "HTTP/1.0";
    return std::move(*this);
}

Behaviour Behaviour::serving(Resource other) && {
    resource = std::move(other);
    return std::move(*this);
}

Behaviour Behaviour::ignoring_range() && {
    ignore_range = true;
    return std::move(*this);
}

Behaviour Behaviour::cut_after(std::uint64_t bytes) && {
    stop_in_body = bytes;
    return std::move(*this);
}

Behaviour Behaviour::stall_after(std::uint64_t bytes) && {
    stop_in_body = bytes;
    stop = Stop::Stall;
    return std::move(*this);
}

Behaviour as_usual() {
    return {};
}

Behaviour answering(int status) {
    Behaviour behaviour;
    behaviour.status = status;
    return behaviour;
}

Behaviour redirecting_to(std::string location, int status) {
    return answering(status).with_header("Location", std::move(location));
}

Behaviour cut_after(std::uint64_t bytes) {
    return Behaviour().cut_after(bytes);
}

Behaviour cut_in_header(std::uint64_t bytes) {
    Behaviour behaviour;
    behaviour.stop_in_header = bytes;
    return behaviour;
}

Behaviour reset_after(std::uint64_t bytes) {
    Behaviour behaviour;
    behaviour.stop_in_body = bytes;
    behaviour.stop = Behaviour::Stop::Reset;
    return behaviour;
}

Behaviour stall_after(std::uint64_t bytes) {
    return Behaviour().stall_after(bytes);
}

Behaviour stall_in_header(std::uint64_t bytes) {
    Behaviour behaviour;
    behaviour.stop_in_header = bytes;
    behaviour.stop = Behaviour::Stop::Stall;
    return behaviour;
}

Behaviour serving(Resource other) {
    return Behaviour().serving(std::move(other));
}

Behaviour ignoring_range() {
    return Behaviour().ignoring_range();
}

Behaviour claiming_range(std::string content_range) {
    Behaviour behaviour;
    behaviour.content_range = std::move(content_range);
    return behaviour;
}

Behaviour claiming_length(std::uint64_t bytes) {
    return Behaviour().claiming_length(bytes);
}

Behaviour chunked() {
    return Behaviour().chunked();
}

Behaviour until_close() {
    return Behaviour().until_close();
}

Behaviour endless() {
    Behaviour behaviour = Behaviour().until_close();
    behaviour.endless = true;
    return behaviour;
}

Behaviour trickling(std::uint64_t bytes, std::chrono::milliseconds pause) {
    Behaviour behaviour;
    behaviour.trickle_bytes = bytes;
    behaviour.trickle_pause = pause;
    return behaviour;
}

Behaviour trickling_header(std::uint64_t bytes, std::chrono::milliseconds pause) {
    Behaviour behaviour = trickling(bytes, pause);
    behaviour.trickle_header = true;
    return behaviour;
}

Behaviour saying(std::string raw) {
    Behaviour behaviour;
    behaviour.raw = std::move(raw);
    return behaviour;
}

} // namespace slipway::tests
