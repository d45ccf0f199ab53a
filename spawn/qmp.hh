// The QEMU Machine Protocol, as its client (qemu's docs/interop/qmp-spec.rst): a line of JSON each
// way. The other end has a guest inside that nobody vouches for.

#pragma once

#include <optional>
#include <string>

#include "base/fd.hh"
#include "base/json.hh"

namespace slipway::spawn {

struct QmpMessage {
    enum class Kind {
        Ready,  ///< it takes commands
        Return, ///< `value` is the answer to the command
        Failed, ///< it did not do the command; `name` says why
        Event,  ///< of this `name`
    };
    Kind kind = Kind::Event;
    std::string name;
    std::string command; ///< that it answers
    nlohmann::json value;
};

class Qmp {
public:
    /// @param socket  connected to a monitor in control mode; does not block afterwards
    explicit Qmp(Fd socket);

    int fd() const noexcept { return socket_.get(); }

    /// Sends a command; its answer comes from next(). One that has closed its end hears nothing.
    void execute(const std::string& command, const nlohmann::json& arguments = {});

    /// What has come and was not asked for yet; nothing when no more has.
    /// @throws Error Corrupt: it speaks something else
    std::optional<QmpMessage> next();

private:
    std::optional<std::string> next_line();

    Fd socket_;
    std::string text_;
};

} // namespace slipway::spawn
