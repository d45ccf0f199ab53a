// Objects that exist when somebody asks for them: a path and everything below it, answered by one
// handler, at once or later, properties too. sdbus-c++ 1.2 has no such thing; sd-bus has
// (sd_bus_add_fallback(3)).
//
// Header-only, like base/bus.hh.

#pragma once

#include <functional>
#include <string>
#include <utility>

#include "base/bus_object.hh"
#include "base/handle.hh"

namespace slipway::bus {

class Tree {
public:
    using Handler = std::function<void(const Call&)>;

    /// @param connection  must outlive this
    /// @param handler     gets each call to an object of the tree but those of the interface
    ///                    org.freedesktop.DBus.Peer; what it throws is the answer
    Tree(Connection& connection, const std::string& path, Translate translate, Handler handler)
        : connection_(connection.library()), translate_(std::move(translate)),
          handler_(std::move(handler)) {
        // Any message of the library's leads to what it hides.
        const auto driver = sdbus::createProxy(*connection_, kDriver, "/org/freedesktop/DBus");
        const auto message = driver->createMethodCall(kDriver, "GetId");
        library_ = Hidden::library(message);
        sd_bus_slot* slot = nullptr;
        detail::check(sd_bus_add_fallback(sd_bus_message_get_bus(detail::Peek::raw(message)), &slot,
                                          path.c_str(), &Tree::take, this),
                      "cannot offer objects on the bus");
        slot_.reset(slot);
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;

private:
    // The library's names for what a message belongs to are its own business.
    struct Hidden : sdbus::Message {
        static sdbus::internal::ISdBus* library(const sdbus::Message& message) {
            return message.*(&Hidden::sdbus_);
        }
    };
    struct Came : sdbus::MethodCall {
        Came(sd_bus_message* message, sdbus::internal::ISdBus* library)
            : MethodCall(static_cast<void*>(message), library) {}
    };

    // sd-bus calls it from Connection::process().
    static int take(sd_bus_message* message, void* self, sd_bus_error* /*error*/) noexcept {
        const Tree& tree = *static_cast<Tree*>(self);
        try {
            const Call call(Came(message, tree.library_), tree.translate_, tree.connection_);
            try {
                tree.handler_(call);
            } catch (const std::exception& error) {
                call.fail(error);
            }
        } catch (const std::exception& error) {
            debug("a call was dropped: {}", error.what());
        }
        return 1; // it is answered, or will be
    }

    std::shared_ptr<sdbus::IConnection> connection_;
    sdbus::internal::ISdBus* library_ = nullptr;
    Translate translate_;
    Handler handler_;
    Handle<sd_bus_slot, sd_bus_slot_unref> slot_; ///< last: it uses all of the above
};

} // namespace slipway::bus
