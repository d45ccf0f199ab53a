// The fences are raised, not asked about: what a kernel allows depends on who runs it and where.

#include "unpack/features.hh"

#include "base/feature_report.hh"
#include "disk/cluster_codec.hh"
#include "pull/archive_reader.hh"
#include "stream/decode.hh"
#include "unpack/fences.hh"

namespace slipway::unpack {

std::string features() {
    const int landlock = landlock_version();
    const Confined confined = raise_fences(View::Nothing, Rights::None, kControlFd);
    std::map<std::string, std::string> engines{{"gzip", stream::gzip_engine()},
                                               {"tar", pull::archive_engine()},
                                               {"qcow2", disk::cluster_engine()}};
    for (const stream::Codec codec :
         {stream::Codec::Xz, stream::Codec::Zstd, stream::Codec::Bzip2, stream::Codec::Lz4}) {
        engines[std::string(word(codec))] = stream::engine(codec);
    }
    return feature_report("slipway-unpack", kAllFences, confined, landlock, engines);
}

} // namespace slipway::unpack
