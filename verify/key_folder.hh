// /etc/slipway/keys.d, open for changes: each takes effect in one step and is on disk before it is
// promised.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.hh"

namespace slipway::verify {

class KeyFolder {
public:
    /// Makes it where it is missing (0755). Links inside `root` do not lead out of it.
    /// @param root  in the place of "/"
    /// @throws Error  it cannot be opened or made
    explicit KeyFolder(const std::filesystem::path& root);

    /// Writes a file that everybody can read, in the place of one that there may be.
    /// @throws Error  the old one, if any, is as it was
    void write(const std::string& name, std::string_view content);
    /// @throws Error  NotFound …
    void remove(const std::string& name);
    /// A link to /dev/null: the files of this name in later directories do not count.
    void mask(const std::string& name);

private:
    void publish(const std::string& temporary, const std::string& name);
    void sync();

    std::filesystem::path path_; ///< for messages
    Fd directory_;
};

} // namespace slipway::verify
