// org.freedesktop.import1, as the clients of systemd 252 to 262 speak it (import1.md): the manager,
// and a transfer object for each live job that the contract has a word for.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/bus_object.hh"
#include "importd/authorization.hh"
#include "importd/descriptor.hh"
#include "importd/import1_request.hh"
#include "importd/import1_transfer.hh"
#include "jobs/journal.hh"
#include "jobs/service.hh"

namespace slipway::importd {

class Import1 final : public jobs::JobObserver {
public:
    /// Offers the objects; the name is requested afterwards. Observes the service.
    /// @param connection  must outlive this, as must all the others
    Import1(bus::Connection& connection, jobs::Service& service, Authorization& authorization,
            const jobs::Journal& log);

    void queued(const transfer::JobRecord& job) override;
    void event(const transfer::JobRecord& job, const transfer::Event& event,
               std::string_view line) override;
    void ended(const transfer::JobRecord& job) override;

private:
    void offer_pulls();
    void offer_imports();
    void offer_exports();
    void offer_lists();
    void offer_cancel();

    void pull(const bus::Call& call, const PullArguments& arguments);
    void import(const bus::Call& call, const ImportArguments& arguments, Fd input);
    void export_image(const bus::Call& call, const ExportArguments& arguments, Fd output);
    void submit_with(const bus::Call& call, jobs::Submission submission, Fd descriptor,
                     Wanted wanted);
    void submit(const bus::Call& call, jobs::Submission submission);
    void cancel(const bus::Call& call, std::uint32_t number, std::string_view action);
    void list_images(const bus::Call& call);
    bus::Failure failure_of(const jobs::Refusal& refusal, std::string_view verb,
                            std::string_view source) const;

    bus::Connection& connection_;
    jobs::Service& service_;
    Authorization& authorization_;
    const jobs::Journal& log_;
    bus::Object manager_;
    std::map<std::uint32_t, std::unique_ptr<Import1Transfer>> transfers_; // by number
};

} // namespace slipway::importd
