// Quota knows what a pool takes; without it only the file system's own figures are there.

#include "cli/pool_status.hh"

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::cli {

PoolStatus find_pool_status(const Options& options) {
    const std::optional<storage::Pool> pool = storage::Pool::find(options.pool);
    if (!pool) {
        throw Error(Kind::NotFound,
                    "there is no pool {}; it is made when the first image is stored",
                    quoted(options.pool.string()));
    }
    const volume::FileSystem file_system = pool->file_system();
    return {.path = pool->path(),
            .file_system = file_system.type,
            .usage = storage::pool_usage(*pool),
            .free_bytes = file_system.free_bytes};
}

} // namespace slipway::cli
