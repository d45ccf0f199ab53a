// The one door to the bus: sdbus-c++ 1.2, which knows sd-bus. Header-only, so that only what speaks
// on the bus links it. What a caller may need to know of a difference between versions of the
// library stands here and in base/bus_object.hh (what is offered on the bus) and nowhere else.
//
// One thread: a connection and everything made from it belong to the thread that processes it.
// sdbus-c++ 1.2 leaves its own wake-up descriptor out of the poll data, so nothing here may be
// called from elsewhere.

#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sdbus-c++/sdbus-c++.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "base/bus_error.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/log.hh"
#include "base/quoted.hh"

namespace slipway::bus {

using sdbus::ObjectPath;
using sdbus::Struct;
using sdbus::Variant;

/// Names and values in an order, which a map would lose: a{sv}.
using Properties = std::vector<std::pair<std::string, Variant>>;

namespace detail {

// The library shows neither the flags of a message nor a descriptor that it did not duplicate
// without close-on-exec; sd-bus shows both.
struct Peek : sdbus::Message {
    static sd_bus_message* raw(const sdbus::Message& message) {
        return static_cast<sd_bus_message*>(message.*(&Peek::msg_));
    }
};

inline void check(int result, const char* doing) {
    if (result < 0) {
        throw Error(kind_of_errno(-result), "{}: {}", doing, errno_text(-result));
    }
}

inline Failure failure_of(const sdbus::Error& error) {
    return {error.getName(), error.getMessage()};
}

template <typename T>
void write(sdbus::Message& message, const T& value) {
    if constexpr (std::is_same_v<T, Fd>) {
        const int number = value.get();
        check(sd_bus_message_append_basic(Peek::raw(message), SD_BUS_TYPE_UNIX_FD, &number),
              "cannot send a descriptor");
    } else if constexpr (std::is_same_v<T, std::vector<Fd>>) {
        message.openContainer("h");
        for (const Fd& fd : value) {
            write(message, fd);
        }
        message.closeContainer();
    } else if constexpr (std::is_same_v<T, Properties>) {
        message.openContainer("{sv}");
        for (const auto& [name, one] : value) {
            message.openDictEntry("sv");
            message << name << one;
            message.closeDictEntry();
        }
        message.closeContainer();
    } else if constexpr (std::is_same_v<T, std::string>) {
        message << bus_text(value);
    } else {
        message << value;
    }
}

// What arrives belongs to the message; ours is a duplicate, close-on-exec from the start and
// clear of the standard descriptors.
inline bool read_descriptor(sdbus::Message& message, Fd& fd) {
    int number = -1;
    const int got = sd_bus_message_read_basic(Peek::raw(message), SD_BUS_TYPE_UNIX_FD, &number);
    check(got, "cannot take a descriptor");
    if (got == 0) {
        return false;
    }
    fd.reset(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    if (!fd) {
        throw errno_error("cannot take a descriptor");
    }
    return true;
}

template <typename T>
void read(sdbus::Message& message, T& value) {
    if constexpr (std::is_same_v<T, Fd>) {
        read_descriptor(message, value);
    } else if constexpr (std::is_same_v<T, std::vector<Fd>>) {
        message.enterContainer("h");
        for (Fd fd; read_descriptor(message, fd);) {
            value.push_back(std::move(fd));
        }
        message.exitContainer();
    } else {
        message >> value;
    }
}

// "'systemd-importd'"; for messages.
inline std::string program_of(std::uint32_t pid) {
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), name);
    return name.empty() ? "program unknown" : quoted(name);
}

// Keeps a message of any kind; copies share it, and the place where reading stands.
struct Held : sdbus::Message {
    explicit Held(const sdbus::Message& message) : sdbus::Message(message) {}
};

} // namespace detail

/// A message that came: an answer, a signal. Copies share the place where reading stands; none may
/// outlive the connection.
class Incoming {
public:
    explicit Incoming(const sdbus::Message& message) : message_(message) {}

    /// The next arguments; an Fd is a duplicate, close-on-exec and not below 3.
    /// @throws Error InvalidArgument: others came
    template <typename... Ts>
    std::tuple<Ts...> read() {
        try {
            std::tuple<Ts...> values;
            std::apply([this](auto&... value) { (detail::read(message_, value), ...); }, values);
            return values;
        } catch (const sdbus::Error& error) {
            throw Error(Kind::InvalidArgument, "a message holds something else than expected: {}",
                        error.getMessage());
        }
    }

    std::string sender() const { return message_.getSender(); } ///< a unique name
    std::string path() const { return message_.getPath(); }
    std::string member() const { return message_.getMemberName(); }

private:
    detail::Held message_;
};

/// Hears what it was subscribed to as long as it lives.
class Subscription {
public:
    Subscription() = default;
    explicit Subscription(sdbus::Slot slot) : slot_(std::move(slot)) {}

private:
    sdbus::Slot slot_;
};

/// What poll(2) is to wait for before Connection::process() is called.
struct PollData {
    int fd = -1;
    short events = 0;
    /// CLOCK_MONOTONIC, since its start; 0: at once; nothing: no deadline.
    std::optional<std::chrono::microseconds> deadline;
};

inline constexpr const char* kDriver = "org.freedesktop.DBus";

class Connection {
public:
    /// DBUS_SYSTEM_BUS_ADDRESS, else the standard place.
    /// @throws Error NotFound: there is no bus; Denied: it does not let us in
    static Connection open_system_bus() {
        try {
            return Connection(sdbus::createSystemBusConnection());
        } catch (const sdbus::Error& error) {
            const Kind kind = error_of(detail::failure_of(error)).kind();
            throw Error(kind == Kind::Denied ? kind : Kind::NotFound,
                        "cannot reach the system bus: {}", error.getMessage());
        }
    }

    /// The bus in the container whose first process this is. The library joins its namespaces in a
    /// child of its own.
    /// @throws Error NotFound: nobody answers there
    static Connection open_container_bus(pid_t leader) {
        try {
            return Connection(sdbus::createSessionBusConnectionWithAddress(
                fmt::format("x-machine-unix:pid={}", leader)));
        } catch (const sdbus::Error& error) {
            throw Error(Kind::NotFound, "cannot reach the machine's bus: {}", error.getMessage());
        }
    }

    std::string unique_name() const { return connection_->getUniqueName(); }

    /// Blocks for the answer.
    /// @throws Error Busy: says who owns it; Denied: the bus's policy does not allow it
    void request_name(const std::string& name) {
        try {
            connection_->requestName(name);
        } catch (const sdbus::Error& error) {
            const Error ours = error_of(detail::failure_of(error));
            if (ours.kind() != Kind::Exists) {
                throw Error(ours.kind(), "cannot own '{}' on the bus: {}", name, ours.what());
            }
            throw Error(Kind::Busy, "'{}' on the bus belongs to {}", name, describe_owner(name));
        }
    }
    void release_name(const std::string& name) { connection_->releaseName(name); }

    PollData poll_data() const {
        const auto data = connection_->getEventLoopPollData();
        PollData ours{data.fd, data.events, std::nullopt};
        if (data.timeout_usec != UINT64_MAX) {
            ours.deadline = std::chrono::microseconds(data.timeout_usec);
        }
        return ours;
    }

    /// Handles what waits, without waiting. After kAtOnce messages others get their turn: the
    /// deadline of poll_data() is then in the past.
    /// @throws Error Network: the connection is gone and nothing more will come
    void process() {
        try {
            for (int count = 0; count < kAtOnce && connection_->processPendingRequest(); ++count) {
            }
        } catch (const sdbus::Error& error) {
            throw Error(Kind::Network, "the bus has gone: {}", error.getMessage());
        }
    }
    static constexpr int kAtOnce = 256;

    /// Signals that fit the rule (D-Bus Specification, "Match Rules"). Blocks until the bus has
    /// taken the rule: not for handlers. An exception of `handler` is dropped.
    [[nodiscard]] Subscription subscribe(const std::string& rule,
                                         std::function<void(Incoming)> handler) {
        return Subscription(connection_->addMatch(
            rule, [handler = std::move(handler)](const sdbus::Message& message) {
                try {
                    handler(Incoming(message));
                } catch (const std::exception& error) {
                    debug("a signal of the bus was dropped: {}", error.what());
                }
            }));
    }

    /// Who owns a name from now on; "" is nobody.
    [[nodiscard]] Subscription watch_owner(const std::string& name,
                                           std::function<void(std::string owner)> handler) {
        return subscribe(
            owner_rule() + ",arg0='" + name + "'", [handler = std::move(handler)](Incoming signal) {
                handler(std::get<2>(signal.read<std::string, std::string, std::string>()));
            });
    }

    /// Unique names of those who leave the bus.
    [[nodiscard]] Subscription watch_leaving(std::function<void(std::string name)> handler) {
        return subscribe(owner_rule() + ",arg2=''",
                         [handler = std::move(handler)](Incoming signal) {
                             auto [name] = signal.read<std::string>();
                             if (name.starts_with(':')) {
                                 handler(std::move(name));
                             }
                         });
    }

    /// For this file and bus_object.hh.
    const std::shared_ptr<sdbus::IConnection>& library() const noexcept { return connection_; }

private:
    explicit Connection(std::unique_ptr<sdbus::IConnection> connection)
        : connection_(std::move(connection)) {}

    static std::string owner_rule() {
        return "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
               "interface='org.freedesktop.DBus',member='NameOwnerChanged'";
    }

    // ":1.7, process 41 ('systemd-importd')"
    std::string describe_owner(const std::string& name) {
        try {
            const auto driver = sdbus::createProxy(*connection_, kDriver, "/org/freedesktop/DBus");
            const auto ask = [&driver](const char* method, const std::string& about) {
                auto call = driver->createMethodCall(kDriver, method);
                call << about;
                return Incoming(driver->callMethod(call));
            };
            const auto [owner] = ask("GetNameOwner", name).read<std::string>();
            const auto [pid] = ask("GetConnectionUnixProcessID", owner).read<std::uint32_t>();
            return fmt::format("{}, process {} ({})", owner, pid, detail::program_of(pid));
        } catch (const std::exception&) {
            return "another program, which has left meanwhile";
        }
    }

    // Shared with calls that wait for their answer: a message of the library's must not outlive it.
    std::shared_ptr<sdbus::IConnection> connection_;
};

/// A question that was asked; whoever drops it still hears the answer.
class PendingCall {
public:
    PendingCall() = default;
    explicit PendingCall(sdbus::PendingAsyncCall call) : call_(std::move(call)) {}
    /// Nothing is heard any more. The other side does not learn of it.
    void cancel() { call_.cancel(); }

private:
    sdbus::PendingAsyncCall call_;
};

struct CallOptions {
    /// Whether the person behind this program may be asked for a password.
    bool interactive = false;
    std::chrono::microseconds timeout = std::chrono::seconds(25);
};
inline constexpr std::chrono::microseconds kNoTimeout = std::chrono::microseconds::max();

/// An object of somebody else. Answers are heard as long as this lives, and it must not be
/// destroyed by one of them.
class Peer {
public:
    using Answered = std::function<void(Incoming)>;
    using Failed = std::function<void(const Failure&)>;

    /// Asks nobody. @param connection  must outlive this
    Peer(Connection& connection, std::string service, std::string path)
        : proxy_(sdbus::createProxy(*connection.library(), std::move(service), std::move(path))) {}

    /// Exactly one of the two is called, from Connection::process(); what they throw is dropped.
    template <typename... Args>
    PendingCall call(const char* interface, const char* method, const CallOptions& options,
                     Answered answered, Failed failed, const Args&... args) {
        auto message = make_call(interface, method, options, args...);
        auto handler = [answered = std::move(answered), failed = std::move(failed)](
                           sdbus::MethodReply& reply, const sdbus::Error* error) {
            try {
                if (error != nullptr) {
                    failed(detail::failure_of(*error));
                } else {
                    answered(Incoming(reply));
                }
            } catch (const std::exception& thrown) {
                debug("an answer of the bus was dropped: {}", thrown.what());
            }
        };
        return PendingCall(proxy_->callMethod(message, std::move(handler), timeout_of(options)));
    }

    /// Waits for the answer; for programs that have nothing else to do.
    /// @throws Error  as the other side threw it; Internal when nothing came in time
    template <typename... Args>
    Incoming call_and_wait(const char* interface, const char* method, const CallOptions& options,
                           const Args&... args) {
        try {
            auto message = make_call(interface, method, options, args...);
            return Incoming(proxy_->callMethod(message, timeout_of(options)));
        } catch (const sdbus::Error& error) {
            throw error_of(detail::failure_of(error));
        }
    }

private:
    template <typename... Args>
    sdbus::MethodCall make_call(const char* interface, const char* method,
                                const CallOptions& options, const Args&... args) {
        auto message = proxy_->createMethodCall(interface, method);
        detail::check(sd_bus_message_set_allow_interactive_authorization(
                          detail::Peek::raw(message), options.interactive ? 1 : 0),
                      "cannot prepare a call");
        (detail::write(message, args), ...);
        return message;
    }

    static std::uint64_t timeout_of(const CallOptions& options) {
        return options.timeout == kNoTimeout ? UINT64_MAX
                                             : static_cast<std::uint64_t>(options.timeout.count());
    }

    std::unique_ptr<sdbus::IProxy> proxy_;
};

} // namespace slipway::bus
