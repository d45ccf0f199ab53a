// An object on the bus: methods, signals and properties, by hand and not generated, so that names
// and types stand in one place beside the code, and so that one wrapper answers for all: whatever a
// handler throws becomes an error reply (sdbus-c++ 1.2 ends the program otherwise).
//
// Header-only, like base/bus.hh.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/bus.hh"

namespace slipway::bus {

/// "sb" and a name for each type.
struct Arguments {
    std::string signature;
    std::vector<std::string> names;
};

/// Which error a handler that threw is answered with.
using Translate = std::function<Failure(const std::exception&)>;

/// A call that came: read, then answered once, at once or later. Copies are the same call; when the
/// last goes without an answer, the caller hears that.
class Call {
public:
    Call(const sdbus::MethodCall& call, Translate translate,
         std::shared_ptr<sdbus::IConnection> connection)
        : state_(std::make_shared<State>(call, std::move(translate), std::move(connection))) {}

    /// See Incoming::read().
    template <typename... Ts>
    std::tuple<Ts...> read() const {
        return Incoming(state_->call).read<Ts...>();
    }

    std::string sender() const { return state_->call.getSender(); } ///< a unique name
    std::string member() const { return state_->call.getMemberName(); }
    std::string path() const { return state_->call.getPath(); }
    /// Empty where the caller does not say.
    std::string interface() const {
        const char* name = sd_bus_message_get_interface(detail::Peek::raw(state_->call));
        return name == nullptr ? "" : name;
    }
    /// Of all arguments.
    std::string signature() const {
        const char* all = sd_bus_message_get_signature(detail::Peek::raw(state_->call), 1);
        return all == nullptr ? "" : all;
    }
    /// Whether the caller's person may be asked for a password.
    bool allows_interaction() const {
        return sd_bus_message_get_allow_interactive_authorization(detail::Peek::raw(state_->call)) >
               0;
    }

    /// Never throws: what cannot be said is an error for the caller.
    template <typename... Args>
    void answer(const Args&... args) const noexcept {
        try {
            auto reply = state_->call.createReply();
            (detail::write(reply, args), ...);
            reply.send();
            state_->answered = true;
        } catch (const std::exception& error) {
            state_->fail({"org.freedesktop.DBus.Error.Failed", error.what()});
        }
    }
    void fail(const Failure& failure) const noexcept { state_->fail(failure); }
    void fail(const std::exception& error) const { state_->fail(state_->translate(error)); }

private:
    struct State {
        State(const sdbus::MethodCall& from, Translate with,
              std::shared_ptr<sdbus::IConnection> through)
            : connection(std::move(through)), call(from), translate(std::move(with)) {}
        State(const State&) = delete;
        State& operator=(const State&) = delete;
        State(State&&) = delete;
        State& operator=(State&&) = delete;
        ~State() {
            if (!answered) {
                fail({"org.freedesktop.DBus.Error.Failed", "the request was dropped"});
            }
        }
        void fail(const Failure& failure) noexcept {
            answered = true;
            try {
                const sdbus::Error error(failure.name, bus_text(failure.message));
                call.createErrorReply(error).send();
            } catch (const std::exception& error) { // the bus has gone, as process() will say
                debug("a reply was dropped: {}", error.what());
            }
        }
        std::shared_ptr<sdbus::IConnection> connection; // outlives the call
        sdbus::MethodCall call;
        Translate translate;
        bool answered = false;
    };
    std::shared_ptr<State> state_;
};

enum class Changes { Never, Silently };

/// Offered from publish() on, as long as it lives.
class Object {
public:
    /// @param connection  must outlive this
    Object(
        Connection& connection, const std::string& path, std::string interface,
        Translate translate = [](const std::exception& error) { return failure_of(error); })
        : object_(sdbus::createObject(*connection.library(), path)),
          connection_(connection.library()), interface_(std::move(interface)),
          translate_(std::move(translate)) {}

    void method(const std::string& name, const Arguments& in, const Arguments& out,
                std::function<void(const Call&)> handler) {
        object_->registerMethod(
            interface_, name, in.signature, in.names, out.signature, out.names,
            [this, handler = std::move(handler)](const sdbus::MethodCall& message) {
                const Call call(message, translate_, connection_.lock());
                try {
                    handler(call);
                } catch (const std::exception& error) {
                    call.fail(error);
                }
            });
    }

    void signal(const std::string& name, const Arguments& arguments) {
        object_->registerSignal(interface_, name, arguments.signature, arguments.names);
    }

    /// T is one of the types that the bus has.
    template <typename T>
    void property(const std::string& name, Changes changes, std::function<T()> get) {
        object_->registerProperty(interface_, name, sdbus::signature_of<T>::str(),
                                  getter<T>(std::move(get)), flags_of(changes));
    }
    template <typename T>
    void writable_property(const std::string& name, std::function<T()> get,
                           std::function<void(T)> set) {
        object_->registerProperty(
            interface_, name, sdbus::signature_of<T>::str(), getter<T>(std::move(get)),
            [this, set = std::move(set)](sdbus::PropertySetCall& message) {
                guarded([&] {
                    T value{};
                    message >> value;
                    set(std::move(value));
                });
            },
            flags_of(Changes::Silently));
    }

    void publish() { object_->finishRegistration(); }

    template <typename... Args>
    void emit(const std::string& name, const Args&... args) {
        try {
            auto signal = object_->createSignal(interface_, name);
            (detail::write(signal, args), ...);
            signal.send();
        } catch (const std::exception& error) { // no UTF-8; or the bus has gone
            debug("the signal {} was dropped: {}", name, error.what());
        }
    }

private:
    static sdbus::Flags flags_of(Changes changes) {
        sdbus::Flags flags;
        flags.set(changes == Changes::Never ? sdbus::Flags::CONST_PROPERTY_VALUE
                                            : sdbus::Flags::EMITS_NO_SIGNAL);
        return flags;
    }

    template <typename T>
    sdbus::property_get_callback getter(std::function<T()> get) {
        return [this, get = std::move(get)](sdbus::PropertyGetReply& reply) {
            guarded([&] { reply << get(); });
        };
    }

    // The library turns its own exceptions, and no others, into replies.
    template <typename Work>
    void guarded(const Work& work) const {
        try {
            work();
        } catch (const sdbus::Error&) {
            throw;
        } catch (const std::exception& error) {
            const Failure failure = translate_(error);
            throw sdbus::Error(failure.name, failure.message);
        }
    }

    std::unique_ptr<sdbus::IObject> object_;
    std::weak_ptr<sdbus::IConnection> connection_;
    std::string interface_;
    Translate translate_;
};

} // namespace slipway::bus
