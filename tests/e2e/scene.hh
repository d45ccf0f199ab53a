// What every whole transfer is tested in: a pool of its own, time-outs of milliseconds, and a look
// at what is left afterwards.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/support/temp_pool.hh"
#include "transfer/request.hh"

namespace slipway::tests {

class Scene {
public:
    Scene();
    explicit Scene(const LoopFs& fs);

    /// A request for this pool: nothing is verified, the network has milliseconds.
    transfer::Request pull(const std::string& url, const std::string& name = "image") const;
    transfer::Request pull_disk(const std::string& url, const std::string& name = "image") const;
    transfer::Request import_disk(const std::filesystem::path& file,
                                  const std::string& name = "image") const;
    transfer::Request import(const std::filesystem::path& file,
                             const std::string& name = "image") const;
    transfer::Request import_fs(const std::filesystem::path& directory,
                                const std::string& name = "image") const;
    transfer::Request remove(const std::string& name) const;
    transfer::Request clone(const std::string& source, const std::string& name) const;
    transfer::Request rename(const std::string& name, const std::string& new_name) const;
    transfer::Request mark(const std::string& name, bool read_only) const;

    std::filesystem::path image(const std::string& name = "image") const { return pool / name; }
    std::filesystem::path disk(const std::string& name = "image") const {
        return pool / (name + ".raw");
    }

    /// What differs from `entries` in the pool, lock files and staging included, and which programs
    /// were left. Empty: clean.
    std::vector<std::string> leftovers(const std::set<std::string>& entries = {}) const;

    TempPool pool;
};

/// What leftovers() says of the pool alone.
std::vector<std::string> unexpected_entries(const TempPool& pool,
                                            const std::set<std::string>& expected);

} // namespace slipway::tests
