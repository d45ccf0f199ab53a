// io.slipway.Importd: our own name on the bus, for our own command line (docs/protocol.md §6).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bus_object.hh"
#include "importd/authorization.hh"
#include "importd/submit_request.hh"
#include "jobs/service.hh"

namespace slipway::importd {

class SlipwayBus final : public jobs::JobObserver {
public:
    /// Offers the object; the name is requested afterwards. Observes the service.
    /// @param connection  must outlive this, as must the others
    SlipwayBus(bus::Connection& connection, jobs::Service& service, Authorization& authorization);

    void queued(const transfer::JobRecord& job) override;
    void event(const transfer::JobRecord& job, const transfer::Event& event,
               std::string_view line) override;
    void ended(const transfer::JobRecord& job) override;

private:
    void submit(const bus::Call& call);
    void cancel(const bus::Call& call);
    void list(const bus::Call& call);
    void history(const bus::Call& call);

    jobs::Service& service_;
    Authorization& authorization_;
    bus::Object object_;
};

} // namespace slipway::importd
