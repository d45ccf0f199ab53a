// The names of the fences are those that people read in `slipway features`.

#include "base/feature_report.hh"

#include <array>
#include <utility>

#include "base/json.hh"

namespace slipway {
namespace {

constexpr std::array<std::pair<Fence, const char*>, 5> kNames{{
    {Fence::Mounts, "mounts"},
    {Fence::Network, "network"},
    {Fence::Capabilities, "capabilities"},
    {Fence::NoNewPrivs, "no_new_privs"},
    {Fence::Seccomp, "seccomp"},
}};

bool has(unsigned fences, Fence fence) noexcept {
    return (fences & static_cast<unsigned>(fence)) != 0;
}

} // namespace

std::string feature_report(std::string_view program, unsigned by_design, const Confined& confined,
                           int landlock, const std::map<std::string, std::string>& engines) {
    nlohmann::json fences = nlohmann::json::object();
    for (const auto& [fence, name] : kNames) {
        if (has(by_design, fence)) {
            fences[name] = has(confined.fences, fence);
        }
    }
    if (has(by_design, Fence::Landlock)) { // which rules it knows is a matter of its version
        fences["landlock"] = has(confined.fences, Fence::Landlock) ? landlock : 0;
    }
    return nlohmann::json{{"program", program}, {"fences", fences}, {"engines", engines}}.dump();
}

} // namespace slipway
