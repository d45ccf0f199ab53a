// Properties are those of the contract (import1.md §5). Progress emits no change signal: clients
// that want to follow it hear ProgressUpdate.

#include "importd/import1_transfer.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "importd/import1_error.hh"

namespace slipway::importd {
namespace {

constexpr double kUnknown = -std::numeric_limits<double>::max();

} // namespace

bus::ObjectPath transfer_path(std::uint32_t number) {
    return "/org/freedesktop/import1/transfer/_" + std::to_string(number);
}

double import1_progress(const transfer::JobRecord& job) noexcept {
    const auto part = transfer::fraction(job);
    return part ? std::floor(*part * 100.0) / 100.0 : kUnknown;
}

std::string import1_remote(const transfer::JobRecord& job) {
    return job.verb.starts_with("pull-") ? job.source : "";
}

// The contract has no word for a digest that somebody gave to our own bus name.
std::string import1_verify(const transfer::JobRecord& job) {
    if (!job.verb.starts_with("pull-")) {
        return "";
    }
    return job.verify == "no" || job.verify == "signature" ? job.verify : "checksum";
}

bool is_import1_transfer(const transfer::JobRecord& job) noexcept {
    constexpr std::array<std::string_view, 7> kTypes{"import-tar", "import-raw", "import-fs",
                                                     "export-tar", "export-raw", "pull-tar",
                                                     "pull-raw"};
    return std::find(kTypes.begin(), kTypes.end(), job.verb) != kTypes.end();
}

Import1Transfer::Import1Transfer(bus::Connection& connection, const transfer::JobRecord& job,
                                 std::function<void(const bus::Call&, std::uint32_t)> cancel,
                                 std::function<std::uint32_t()> max_priority)
    : max_priority_(std::move(max_priority)), progress_(import1_progress(job)),
      object_(connection, transfer_path(job.number), "org.freedesktop.import1.Transfer",
              [](const std::exception& error) { return import1_failure(error); }) {
    const auto constant = [this](const char* name, auto value) {
        object_.property<decltype(value)>(name, bus::Changes::Never, [value] { return value; });
    };
    constant("Id", job.number);
    constant("Local", job.local);
    constant("Remote", import1_remote(job));
    constant("Type", job.verb);
    constant("Verify", import1_verify(job));
    object_.property<double>("Progress", bus::Changes::Silently, [this] { return progress_; });
    object_.method("Cancel", {}, {},
                   [cancel = std::move(cancel), number = job.number](const bus::Call& call) {
                       cancel(call, number);
                   });
    object_.signal("LogMessage", {"us", {"priority", "line"}});
    object_.signal("ProgressUpdate", {"d", {"progress"}});
    object_.publish();
}

void Import1Transfer::tell(const transfer::JobRecord& job, const transfer::Event& event) {
    const auto now = std::chrono::steady_clock::now();
    for (const LogMessage& line : log_.lines(job, event, now)) {
        if (line.priority <= max_priority_()) {
            object_.emit("LogMessage", line.priority, line.text);
        }
    }
    if (const double progress = import1_progress(job); progress != progress_) {
        progress_ = progress;
        object_.emit("ProgressUpdate", progress_);
    }
}

} // namespace slipway::importd
