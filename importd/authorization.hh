// Who may do what: root may, others when polkit says so. polkit is asked without waiting; a caller
// that leaves the bus takes its questions along.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bus.hh"
#include "base/bus_object.hh"
#include "importd/caller.hh"

namespace slipway::importd {

/// The peer's action ids, for which administrators have rules already.
inline constexpr std::string_view kActionImport = "org.freedesktop.import1.import";
inline constexpr std::string_view kActionExport = "org.freedesktop.import1.export";
inline constexpr std::string_view kActionPull = "org.freedesktop.import1.pull";
/// Known to policies of systemd 256 and later; others are asked for kActionPull instead.
inline constexpr std::string_view kActionCancel = "org.freedesktop.import1.cancel";
/// What the peer's machined asks for when an image is changed.
inline constexpr std::string_view kActionManageImages = "org.freedesktop.machine1.manage-images";
/// … and for what is about a whole pool: its limit, and cleaning it.
inline constexpr std::string_view kActionManageMachines =
    "org.freedesktop.machine1.manage-machines";

struct Question {
    std::string_view action;
    /// What a rule can look up: remote, local, class, type, verify; of images that are there
    /// image, verb, new_name …
    std::map<std::string, std::string> details{};
    /// A user who may without being asked for.
    std::optional<std::uint32_t> owner{};
};

/// Why something may not be done.
struct Denial {
    enum class Why {
        No,       ///< polkit says so, or is not there to be asked
        Password, ///< only with a password, and the call did not allow to ask for it
        TooMany,  ///< questions of this user, or of all, wait for answers
    };
    Why why = Why::No;
    std::string text;
};

class Authorization {
public:
    using Allowed = std::function<void(const Caller&)>;
    using Denied = std::function<void(const Denial&)>;

    /// Blocks until the bus has taken a rule.
    /// @param connection  must outlive this
    explicit Authorization(bus::Connection& connection);

    /// One of the two is called, neither when the caller has left. `allowed` never is from within
    /// ask(), so that it may destroy the object that was called; what it throws is the call's
    /// answer.
    void ask(const bus::Call& call, Question question, Allowed allowed, Denied denied);

    /// How many questions wait for an answer.
    std::size_t pending() const noexcept { return pending_.size(); }

    /// Below the 128 calls without answer that the bus allows to one connection
    /// (max_replies_per_connection of dbus-daemon(1)).
    static constexpr std::size_t kPending = 112;
    static constexpr std::size_t kPendingOfUser = 32;

private:
    struct Pending {
        Caller caller;
        Question question;
        Allowed allowed;
        Denied denied;
        bus::PendingCall answer{};
    };

    void decide(Pending pending);
    void ask_polkit(const std::string& id);
    void answered(const std::string& id, bus::Incoming reply);
    void failed(const std::string& id, const bus::Failure& failure);
    void forget(const std::string& name);

    Callers callers_;
    bus::Peer polkit_;
    std::map<std::string, Pending> pending_; // by cancellation id
    std::uint64_t asked_ = 0;
    bus::Subscription leaving_;
};

} // namespace slipway::importd
