// org.freedesktop.machine1, as machinectl of systemd 252 to 262 calls it (machine1-images.md): the
// images of class machine, for hosts on which no systemd-machined is. What takes long is a job, and
// the call is answered at its end. Its machines are those that slipway-supervise runs.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bus_description.hh"
#include "base/bus_tree.hh"
#include "importd/authorization.hh"
#include "importd/machine_looker.hh"
#include "jobs/service.hh"
#include "spawn/registry.hh"
#include "toolbox/machine.hh"

namespace slipway::importd {

class Machine1 final : public jobs::JobObserver {
public:
    /// Offers the objects; the name is requested afterwards. Observes the service.
    /// MachineLooker::ask().
    using Look = std::function<void(const std::string& machine, MachineLooker::Answer answer,
                                    MachineLooker::Failed failed)>;
    /// @param connection  must outlive this, as must the others
    Machine1(bus::Connection& connection, jobs::Service& service, Authorization& authorization,
             Look look);

    void queued(const transfer::JobRecord& job) override;
    void event(const transfer::JobRecord& job, const transfer::Event& event,
               std::string_view line) override;
    void ended(const transfer::JobRecord& job) override;

private:
    using Handler = void (Machine1::*)(const bus::Call& call);
    /// Of an image; the name was the object's, or the first argument and is read.
    using ImageHandler = void (Machine1::*)(const bus::Call& call, const std::string& name);
    struct ManagerRow;
    struct ImageRow;
    struct MachineRow;
    static const ImageRow* find_image_row(std::string_view member, bool of_manager);
    static const MachineRow* find_machine_row(std::string_view member, bool of_manager);

    // machine1.cc: who is called
    void take(const bus::Call& call);
    void take_manager(const bus::Call& call);
    void take_image(const bus::Call& call, const std::string& name);
    void take_machine(const bus::Call& call, const std::string& name);
    void introspect(const bus::Call& call);

    // machine1_lists.cc: what is there
    void list_images(const bus::Call& call);
    void list_children(const bus::Call& call);
    void get_image(const bus::Call& call);
    using Told = std::function<void(const bus::Properties&)>;
    void read_properties(
        const bus::Call& call, const std::vector<const bus::InterfaceSpec*>& has,
        const std::function<void(const bus::InterfaceSpec& interface, Told told)>& find);
    void pool_properties_of(const bus::Call& call);
    void image_properties_of(const bus::Call& call, const std::string& name);

    // machine1_metadata.cc: what systems say of themselves
    void get_hostname(const bus::Call& call, const std::string& name);
    void get_machine_id(const bus::Call& call, const std::string& name);
    void get_machine_info(const bus::Call& call, const std::string& name);
    void get_os_release(const bus::Call& call, const std::string& name);
    void inspect(const bus::Call& call, const std::string& name,
                 std::function<void(const transfer::Inspected&)> answer);

    // machine1_machines.cc: what runs
    using LookAnswer = MachineLooker::Answer;
    void list_machines(const bus::Call& call);
    void list_machine_children(const bus::Call& call);
    void get_machine(const bus::Call& call);
    void get_machine_by_pid(const bus::Call& call);
    void refuse_machine(const bus::Call& call);
    void machine_properties_of(const bus::Call& call, const std::string& name);
    void get_machine_addresses(const bus::Call& call, const std::string& name);
    void get_machine_os_release(const bus::Call& call, const std::string& name);
    void get_machine_uid_shift(const bus::Call& call, const std::string& name);
    void kill_machine(const bus::Call& call, const std::string& name);
    void terminate_machine(const bus::Call& call, const std::string& name);
    void with_machine(const bus::Call& call, const std::string& name,
                      const std::function<void(const spawn::MachineRecord&)>& found);
    void look_at(const bus::Call& call, const std::string& name, LookAnswer answer);
    void act_on(const bus::Call& call, const std::string& name, const std::string& verb,
                std::function<void(toolbox::Machine&)> act);

    // machine1_change.cc: jobs
    void remove(const bus::Call& call, const std::string& name);
    void rename(const bus::Call& call, const std::string& name);
    void clone(const bus::Call& call, const std::string& name);
    void mark_read_only(const bus::Call& call, const std::string& name);
    void set_limit(const bus::Call& call, const std::string& name);
    void set_pool_limit(const bus::Call& call);
    void clean_pool(const bus::Call& call);
    void change(const bus::Call& call, const std::string& name, transfer::Request request);
    void submit(const bus::Call& call, transfer::Request request);

    /// Calls `found` with the image, or answers that there is none.
    void with_image(const bus::Call& call, const std::string& name,
                    std::function<void(const jobs::ImageView&)> found);

    /// A call that is answered when its job ends.
    struct Waiting {
        bus::Call call;
        std::vector<bus::Struct<std::string, std::uint64_t>> cleaned{}; ///< name, bytes
    };

    jobs::Service& service_;
    Authorization& authorization_;
    Look look_;
    spawn::Registry machines_;
    std::map<std::uint32_t, Waiting> waiting_; ///< by the job's number
    bus::Tree tree_;                           ///< last: it calls into all of the above
};

} // namespace slipway::importd
