// polkit's D-Bus interface: org.freedesktop.PolicyKit1.Authority, CheckAuthorization.

#include "importd/authorization.hh"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace slipway::importd {
namespace {

constexpr const char* kAuthority = "org.freedesktop.PolicyKit1.Authority";
constexpr const char* kPolkitFailed = "org.freedesktop.PolicyKit1.Error.Failed";
constexpr std::uint32_t kAllowInteraction = 1;

using Subject = bus::Struct<std::string, std::map<std::string, bus::Variant>>;
using Result = bus::Struct<bool, bool, std::map<std::string, std::string>>;

} // namespace

Authorization::Authorization(bus::Connection& connection)
    : callers_(connection),
      polkit_(connection, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority"),
      leaving_(connection.watch_leaving([this](const std::string& name) { forget(name); })) {}

void Authorization::ask(const bus::Call& call, Question question, Allowed allowed, Denied denied) {
    const auto guarded = [call, allowed = std::move(allowed)](const Caller& caller) {
        try {
            allowed(caller);
        } catch (const std::exception& error) {
            call.fail(error);
        }
    };
    callers_.ask(
        call,
        [this, guarded, denied, question = std::move(question)](const Caller& caller) {
            decide({caller, question, guarded, denied});
        },
        [call](const std::exception& error) { call.fail(error); });
}

void Authorization::decide(Pending pending) {
    const std::uint32_t uid = pending.caller.uid;
    if (uid == ::geteuid() || pending.question.owner == uid) {
        pending.allowed(pending.caller);
        return;
    }
    const auto own = std::count_if(pending_.begin(), pending_.end(), [uid](const auto& entry) {
        return entry.second.caller.uid == uid;
    });
    if (pending_.size() >= kPending || static_cast<std::size_t>(own) >= kPendingOfUser) {
        pending.denied({Denial::Why::TooMany,
                        fmt::format("{} requests wait for an authorization already, {} of them of "
                                    "user {}; nothing was changed",
                                    pending_.size(), own, uid)});
        return;
    }
    const std::string id = fmt::format("slipway-{}", ++asked_);
    pending_.emplace(id, std::move(pending));
    ask_polkit(id);
}

void Authorization::ask_polkit(const std::string& id) {
    Pending& pending = pending_.at(id);
    const Subject subject("system-bus-name", {{"name", bus::Variant(pending.caller.name)}});
    const std::uint32_t flags = pending.caller.interactive ? kAllowInteraction : 0;
    pending.answer = polkit_.call(
        kAuthority, "CheckAuthorization", {.interactive = false, .timeout = bus::kNoTimeout},
        [this, id](bus::Incoming reply) { answered(id, std::move(reply)); },
        [this, id](const bus::Failure& failure) { failed(id, failure); }, subject,
        std::string(pending.question.action), pending.question.details, flags, id);
}

void Authorization::answered(const std::string& id, bus::Incoming reply) {
    Result result(false, false, {});
    try {
        std::tie(result) = reply.read<Result>();
    } catch (const Error& error) { // whoever owns polkit's name is not polkit
        failed(id, bus::failure_of(error));
        return;
    }
    const bool authorized = std::get<0>(result);
    const bool challenge = std::get<1>(result);
    const auto found = pending_.extract(id);
    if (found.empty()) {
        return;
    }
    const Pending& pending = found.mapped();
    if (authorized) {
        pending.allowed(pending.caller);
    } else if (challenge) {
        pending.denied({Denial::Why::Password,
                        pending.caller.interactive
                            ? "this needs a password, and no agent of polkit is there to ask for it"
                            : "this needs a password, and the call does not allow to ask for one"});
    } else {
        pending.denied({Denial::Why::No,
                        fmt::format("polkit does not allow this to user {}; nothing was changed",
                                    pending.caller.uid)});
    }
}

void Authorization::failed(const std::string& id, const bus::Failure& failure) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) {
        return;
    }
    // Policies of systemd before 256 do not know the action, which polkit calls a failure.
    if (found->second.question.action == kActionCancel && failure.name == kPolkitFailed) {
        found->second.question.action = kActionPull;
        ask_polkit(id);
        return;
    }
    const auto pending = pending_.extract(found);
    pending.mapped().denied(
        {Denial::Why::No, fmt::format("polkit cannot be asked ({}), so that only root may do "
                                      "this; nothing was changed",
                                      escaped(failure.message))});
}

// Its person may still be looking at a dialogue.
void Authorization::forget(const std::string& name) {
    for (auto entry = pending_.begin(); entry != pending_.end();) {
        if (entry->second.caller.name != name) {
            ++entry;
            continue;
        }
        entry->second.answer.cancel();
        polkit_.call(
            kAuthority, "CancelCheckAuthorization", {}, [](const bus::Incoming&) {},
            [](const bus::Failure&) {}, entry->first);
        entry = pending_.erase(entry);
    }
}

} // namespace slipway::importd
