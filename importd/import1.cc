// The tables of methods (import1.md §2), and what becomes of a call: its arguments are checked, its
// caller is authorised without waiting, the job is promised, the caller is answered.

#include "importd/import1.hh"

#include <utility>
#include <vector>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "importd/descriptor.hh"
#include "importd/import1_error.hh"
#include "importd/machine1_view.hh"
#include "importd/question.hh"

namespace slipway::importd {
namespace {

using transfer::JobRecord;
using transfer::Verb;

using ListedTransfer =
    bus::Struct<std::uint32_t, std::string, std::string, std::string, double, bus::ObjectPath>;
using ListedTransferEx = bus::Struct<std::uint32_t, std::string, std::string, std::string,
                                     std::string, double, bus::ObjectPath>;
using ImageEntry =
    bus::Struct<std::string, std::string, std::string, std::string, bool, std::uint64_t,
                std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

const bus::Arguments kStarted{"uo", {"transfer_id", "transfer_path"}};

std::uint64_t flags_of(bool force, bool read_only) {
    return (force ? kForce : 0) | (read_only ? kReadOnly : 0);
}

ImageEntry entry_of(const jobs::ListedImage& listed) {
    const storage::Image& image = listed.image;
    const storage::Usage& usage = listed.usage;
    return {listed.image_class,
            image.name.text(),
            std::string(storage::word(image.type)),
            to_utf8(image.path.string()),
            image.read_only,
            bus_time(image.created_us),
            bus_time(image.modified_us),
            bus_size(usage.total),
            bus_size(usage.exclusive),
            bus_size(usage.limit),
            bus_size(usage.exclusive_limit)};
}

} // namespace

Import1::Import1(bus::Connection& connection, jobs::Service& service, Authorization& authorization,
                 const jobs::Journal& log)
    : connection_(connection), service_(service), authorization_(authorization), log_(log),
      manager_(connection, "/org/freedesktop/import1", "org.freedesktop.import1.Manager",
               [](const std::exception& error) { return import1_failure(error); }) {
    offer_imports();
    offer_exports();
    offer_pulls();
    offer_lists();
    offer_cancel();
    manager_.signal("TransferNew", kStarted);
    manager_.signal("TransferRemoved", {"uos", {"transfer_id", "transfer_path", "result"}});
    manager_.publish();
    service_.add_observer(*this);
    for (const auto& [number, job] : service_.live()) {
        queued(job);
    }
}

void Import1::offer_imports() {
    struct Row {
        const char* name;
        Verb verb;
    };
    for (const Row& row : {Row{"ImportTar", Verb::ImportTar}, Row{"ImportRaw", Verb::ImportRaw},
                           Row{"ImportFileSystem", Verb::ImportFs}}) {
        manager_.method(
            row.name, {"hsbb", {"fd", "local_name", "force", "read_only"}}, kStarted,
            [this, verb = row.verb](const bus::Call& call) {
                auto [fd, name, force, read_only] = call.read<Fd, std::string, bool, bool>();
                import(call, {verb, name, "machine", flags_of(force, read_only)}, std::move(fd));
            });
        manager_.method(std::string(row.name) + "Ex",
                        {"hsst", {"fd", "local_name", "class", "flags"}}, kStarted,
                        [this, verb = row.verb](const bus::Call& call) {
                            auto [fd, name, image_class, flags] =
                                call.read<Fd, std::string, std::string, std::uint64_t>();
                            import(call, {verb, name, image_class, flags}, std::move(fd));
                        });
    }
}

void Import1::offer_exports() {
    struct Row {
        const char* name;
        Verb verb;
    };
    for (const Row& row : {Row{"ExportTar", Verb::ExportTar}, Row{"ExportRaw", Verb::ExportRaw}}) {
        manager_.method(row.name, {"shs", {"local_name", "fd", "format"}}, kStarted,
                        [this, verb = row.verb](const bus::Call& call) {
                            auto [name, fd, format] = call.read<std::string, Fd, std::string>();
                            export_image(call, {verb, name, "machine", format}, std::move(fd));
                        });
        manager_.method(
            std::string(row.name) + "Ex",
            {"sshst", {"local_name", "class", "fd", "format", "flags"}}, kStarted,
            [this, verb = row.verb](const bus::Call& call) {
                auto [name, image_class, fd, format, flags] =
                    call.read<std::string, std::string, Fd, std::string, std::uint64_t>();
                export_image(call, {verb, name, image_class, format, flags}, std::move(fd));
            });
    }
}

void Import1::offer_pulls() {
    struct Row {
        const char* name;
        Verb verb;
    };
    for (const Row& row : {Row{"PullTar", Verb::PullTar}, Row{"PullRaw", Verb::PullRaw}}) {
        manager_.method(
            row.name, {"sssb", {"url", "local_name", "verify_mode", "force"}}, kStarted,
            [this, verb = row.verb](const bus::Call& call) {
                const auto [url, name, verify, force] =
                    call.read<std::string, std::string, std::string, bool>();
                pull(call, {verb, url, name, "machine", verify, flags_of(force, false)});
            });
        manager_.method(
            std::string(row.name) + "Ex",
            {"sssst", {"url", "local_name", "class", "verify_mode", "flags"}}, kStarted,
            [this, verb = row.verb](const bus::Call& call) {
                const auto [url, name, image_class, verify, flags] =
                    call.read<std::string, std::string, std::string, std::string, std::uint64_t>();
                pull(call, {verb, url, name, image_class, verify, flags});
            });
    }
    manager_.method(
        "PullOci", {"ssst", {"ref", "local_name", "class", "flags"}}, kStarted,
        [](const bus::Call&) { throw Error(Kind::Unsupported, "Slipway cannot pull OCI images"); });
}

void Import1::offer_lists() {
    manager_.method("ListTransfers", {}, {"a(usssdo)", {"transfers"}},
                    [this](const bus::Call& call) {
                        std::vector<ListedTransfer> list;
                        for (const auto& [number, job] : service_.live()) {
                            if (is_import1_transfer(job)) {
                                list.emplace_back(number, job.verb, import1_remote(job), job.local,
                                                  import1_progress(job), transfer_path(number));
                            }
                        }
                        call.answer(list);
                    });
    manager_.method("ListTransfersEx", {"st", {"class", "flags"}}, {"a(ussssdo)", {"transfers"}},
                    [this](const bus::Call& call) {
                        const auto [image_class, flags] = call.read<std::string, std::uint64_t>();
                        check_class(image_class, true);
                        check_flags(flags, 0);
                        std::vector<ListedTransferEx> list;
                        for (const auto& [number, job] : service_.live()) {
                            if (is_import1_transfer(job) &&
                                (image_class.empty() || image_class == job.image_class)) {
                                list.emplace_back(number, job.verb, import1_remote(job), job.local,
                                                  job.image_class, import1_progress(job),
                                                  transfer_path(number));
                            }
                        }
                        call.answer(list);
                    });
    manager_.method("ListImages", {"st", {"class", "flags"}}, {"a(ssssbtttttt)", {"images"}},
                    [this](const bus::Call& call) { list_images(call); });
}

void Import1::offer_cancel() {
    manager_.method("CancelTransfer", {"u", {"transfer_id"}}, {}, [this](const bus::Call& call) {
        cancel(call, std::get<0>(call.read<std::uint32_t>()), kActionCancel);
    });
}

void Import1::list_images(const bus::Call& call) {
    const auto [image_class, flags] = call.read<std::string, std::uint64_t>();
    check_class(image_class, true);
    check_flags(flags, 0);
    service_.list_images(
        image_class,
        [call](const std::vector<jobs::ListedImage>& images) {
            std::vector<ImageEntry> list;
            list.reserve(images.size());
            for (const jobs::ListedImage& image : images) {
                list.push_back(entry_of(image));
            }
            call.answer(list);
        },
        [this, call](const jobs::Refusal& refusal) { call.fail(failure_of(refusal, "", "")); });
}

void Import1::pull(const bus::Call& call, const PullArguments& arguments) {
    submit(call, submission_of(arguments));
}

void Import1::import(const bus::Call& call, const ImportArguments& arguments, Fd input) {
    jobs::Submission submission = submission_of(arguments);
    const Wanted wanted = arguments.verb == Verb::ImportFs ? Wanted::Directory : Wanted::File;
    submit_with(call, std::move(submission), std::move(input), wanted);
}

void Import1::export_image(const bus::Call& call, const ExportArguments& arguments, Fd output) {
    submit_with(call, submission_of(arguments), std::move(output), Wanted::Output);
}

void Import1::submit_with(const bus::Call& call, jobs::Submission submission, Fd descriptor,
                          Wanted wanted) {
    if (const auto wrong = find_wrong(descriptor.get(), wanted)) {
        call.fail(import1_failure(*wrong));
        return;
    }
    submission.source = describe(descriptor.get());
    submission.input = std::move(descriptor);
    submit(call, std::move(submission));
}

void Import1::submit(const bus::Call& call, jobs::Submission submission) {
    Question question = question_of(submission);
    // Shared, for a std::function is copied; there is one job to be made of it.
    const auto held = std::make_shared<jobs::Submission>(std::move(submission));
    authorization_.ask(
        call, std::move(question),
        [this, call, held](const Caller& caller) {
            held->uid = caller.uid;
            const std::string verb(transfer::word(held->request.verb));
            const std::string& url = held->request.url;
            const std::string source = url.empty() ? "" : Url::parse(url).masked();
            service_.submit(
                std::move(*held),
                [call](std::uint32_t number) { call.answer(number, transfer_path(number)); },
                [this, call, verb, source](const jobs::Refusal& refusal) {
                    call.fail(failure_of(refusal, verb, source));
                });
        },
        [call](const Denial& denial) { call.fail(import1_failure(denial)); });
}

// A job that has the URL is what the contract calls in progress; one that has only the name is not.
bus::Failure Import1::failure_of(const jobs::Refusal& refusal, std::string_view verb,
                                 std::string_view source) const {
    try {
        std::rethrow_exception(refusal.error);
    } catch (const std::exception& error) {
        bus::Failure failure = import1_failure(error);
        const auto holder = service_.live().find(refusal.holder);
        if (!source.empty() && holder != service_.live().end() && holder->second.verb == verb &&
            holder->second.source == source) {
            failure.name = kTransferInProgress;
        }
        return failure;
    }
}

void Import1::cancel(const bus::Call& call, std::uint32_t number, std::string_view action) {
    if (number == 0) {
        throw Error(Kind::InvalidArgument, "Invalid transfer id");
    }
    const auto job = service_.live().find(number);
    const auto refuse = [call, number] {
        call.fail({kNoSuchTransfer, fmt::format("No transfer by id {}", number)});
    };
    if (job == service_.live().end()) {
        refuse();
        return;
    }
    authorization_.ask(
        call, cancel_question_of(job->second, action),
        [this, call, number, refuse](const Caller&) {
            if (!service_.live().contains(number)) { // it ended while polkit was asked
                refuse();
                return;
            }
            service_.cancel(
                number, [call] { call.answer(); },
                [this, call](const jobs::Refusal& refusal) {
                    call.fail(failure_of(refusal, "", ""));
                });
        },
        [call](const Denial& denial) { call.fail(import1_failure(denial)); });
}

void Import1::queued(const JobRecord& job) {
    if (!is_import1_transfer(job) || transfers_.contains(job.number)) {
        return;
    }
    transfers_.emplace(job.number,
                       std::make_unique<Import1Transfer>(
                           connection_, job,
                           [this](const bus::Call& call, std::uint32_t number) {
                               cancel(call, number, kActionPull);
                           },
                           [this] { return static_cast<std::uint32_t>(log_.level()); }));
    manager_.emit("TransferNew", job.number, transfer_path(job.number));
}

void Import1::event(const JobRecord& job, const transfer::Event& event, std::string_view /*line*/) {
    const auto found = transfers_.find(job.number);
    if (found != transfers_.end() && !std::holds_alternative<transfer::Ended>(event)) {
        found->second->tell(job, event);
    }
}

// The last lines come before the end, and the object goes with it.
void Import1::ended(const JobRecord& job) {
    const auto found = transfers_.find(job.number);
    if (found == transfers_.end()) {
        return;
    }
    if (job.end) {
        found->second->tell(job, *job.end);
    }
    const std::string result = job.state == transfer::JobState::Done       ? "done"
                               : job.state == transfer::JobState::Canceled ? "canceled"
                                                                           : "failed";
    transfers_.erase(found);
    manager_.emit("TransferRemoved", job.number, transfer_path(job.number), result);
}

} // namespace slipway::importd
