// A symlinked image is asked itself, not what it points to.

#include "storage/origin.hh"

#include <sys/xattr.h>

#include "storage/staging.hh"

namespace slipway::storage {

std::string read_origin(const Image& image) {
    std::string value(kMaxProvenanceBytes, '\0');
    const ssize_t size =
        ::lgetxattr(image.path.c_str(), kOriginAttribute, value.data(), value.size());
    value.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return value;
}

} // namespace slipway::storage
