// What engines have in common.

#include "spawn/engine.hh"

#include <algorithm>

#include "base/quoted.hh"
#include "spawn/cgroup.hh"
#include "spawn/nspawn_engine.hh"
#include "spawn/qemu_engine.hh"

namespace slipway::spawn {
namespace {

constexpr std::size_t kLastWordsBytes = 600;

} // namespace

std::unique_ptr<Engine> make_engine(const machine::LaunchPlan& plan,
                                    const std::filesystem::path& directory) {
    if (plan.engine == machine::EngineKind::Qemu) {
        return std::make_unique<QemuEngine>(plan);
    }
    return std::make_unique<NspawnEngine>(plan, directory);
}

ChildProcess start_process(const machine::LaunchPlan& plan, const MachineConsole& console,
                           const std::vector<std::string>& environment,
                           const std::vector<std::pair<int, int>>& fds) {
    std::vector<Fd> groups;
    ChildSpec spec;
    for (const std::filesystem::path& group : plan.cgroups) {
        groups.push_back(open_cgroup(group));
        spec.cgroups.push_back(groups.back().get());
    }
    spec.program = plan.arguments.front();
    spec.arguments.assign(plan.arguments.begin() + 1, plan.arguments.end());
    spec.environment = environment;
    console.give_to(spec);
    spec.fds.insert(spec.fds.end(), fds.begin(), fds.end());
    return ChildProcess(spec);
}

std::string last_words(const ChildProcess& engine) {
    std::string text = engine.stderr_tail(kLastWordsBytes);
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    return escaped(text);
}

} // namespace slipway::spawn
