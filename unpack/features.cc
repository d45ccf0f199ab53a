// The fences are raised, not asked about: what a kernel allows depends on who runs it and where.

#include "unpack/features.hh"

#include <nlohmann/json.hpp>

#include "pull/archive_reader.hh"
#include "stream/decode.hh"
#include "unpack/fences.hh"

namespace slipway::unpack {

std::string features() {
    const int landlock = landlock_version();
    const Confined confined = raise_fences(View::Nothing, Rights::None);
    const auto holds = [&confined](Fence fence) {
        return (confined.fences & static_cast<unsigned>(fence)) != 0;
    };
    nlohmann::json engines{{"gzip", stream::gzip_engine()}, {"tar", pull::archive_engine()}};
    for (const stream::Codec codec :
         {stream::Codec::Xz, stream::Codec::Zstd, stream::Codec::Bzip2, stream::Codec::Lz4}) {
        engines[std::string(word(codec))] = stream::engine(codec);
    }
    return nlohmann::json{{"program", "slipway-unpack"},
                          {"fences",
                           {{"mounts", holds(Fence::Mounts)},
                            {"network", holds(Fence::Network)},
                            {"capabilities", holds(Fence::Capabilities)},
                            {"no_new_privs", holds(Fence::NoNewPrivs)},
                            {"landlock", holds(Fence::Landlock) ? landlock : 0},
                            {"seccomp", holds(Fence::Seccomp)}}},
                          {"engines", engines}}
        .dump();
}

} // namespace slipway::unpack
