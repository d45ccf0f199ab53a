// The throw-away home in which the OpenPGP engine works: one key ring, one configuration, nothing
// of anybody's own. Made by slipway-check behind its fences, where /tmp is a file system of its own
// in memory.

#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace slipway::check {

/// Told of the engine's home as soon as there is one: whoever ends this program by a signal removes
/// it first.
using OnHome = std::function<void(const std::filesystem::path&)>;

/// The destructor removes it.
class EngineHome {
public:
    /// @param ring  binary: see KeyRings::bytes()
    explicit EngineHome(std::string_view ring);
    ~EngineHome();
    EngineHome(const EngineHome&) = delete;
    EngineHome& operator=(const EngineHome&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace slipway::check
