// Asking must not make the pool: a list of features changes nothing.

#include "transfer/features.hh"

#include <optional>

#include "base/json.hh"
#include "base/quoted.hh"
#include "storage/features.hh"
#include "storage/pool.hh"

namespace slipway::transfer {
namespace {

storage::Pool find_nearest(std::filesystem::path path) {
    for (;;) {
        if (std::optional<storage::Pool> pool = storage::Pool::find(path)) {
            return std::move(*pool);
        }
        path = path.parent_path();
    }
}

} // namespace

std::string features_json(const std::filesystem::path& pool) {
    const storage::Features features =
        storage::probe_features(find_nearest(std::filesystem::absolute(pool).lexically_normal()));
    return nlohmann::json{{"program", "slipway-transfer"},
                          {"file_system",
                           {{"type", to_utf8(features.file_system.type)},
                            {"subvolumes", features.file_system.subvolumes},
                            {"reflink", features.reflink},
                            {"exchange", features.exchange},
                            {"xattrs", features.xattrs},
                            {"immutable", features.immutable}}}}
        .dump();
}

} // namespace slipway::transfer
