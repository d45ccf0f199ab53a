// Who called: the user behind a name on the bus, asked of the bus itself and without waiting.

#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>

#include "base/bus.hh"
#include "base/bus_object.hh"

namespace slipway::importd {

struct Caller {
    std::string name; ///< unique, on the bus
    std::uint32_t uid = 0;
    bool interactive = false; ///< whether its person may be asked for a password
};

/// Known callers are answered from Connection::process(), never from within ask(): what follows may
/// destroy the object that was called. Nothing is remembered, so nothing can be out of date.
class Callers {
public:
    using Known = std::function<void(const Caller&)>;
    using Unknown = std::function<void(const std::exception&)>;

    /// @param connection  must outlive this
    explicit Callers(bus::Connection& connection);

    /// Unknown is called instead when it has left (NotFound) or too much is asked at once (Limit),
    /// and also with whatever `known` throws.
    void ask(const bus::Call& call, Known known, Unknown unknown);

    /// The bus answers at once, so that only a flood gets here.
    static constexpr unsigned kPending = 1024;

private:
    bus::Peer driver_;
    unsigned pending_ = 0;
};

} // namespace slipway::importd
