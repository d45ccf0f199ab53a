// A symlinked image is asked itself, not what it points to.

#include "storage/origin.hh"

#include <sys/xattr.h>

#include "storage/staging.hh"

namespace slipway::storage {
namespace {

template <typename Read>
std::string read_attribute(const Read& read) {
    std::string value(kMaxProvenanceBytes, '\0');
    const ssize_t size = read(value.data(), value.size());
    value.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return value;
}

} // namespace

std::string read_origin(const Image& image) {
    return read_attribute([&image](char* into, std::size_t size) {
        return ::lgetxattr(image.path.c_str(), kOriginAttribute, into, size);
    });
}

std::string read_origin(int image) {
    return read_attribute([image](char* into, std::size_t size) {
        return ::fgetxattr(image, kOriginAttribute, into, size);
    });
}

} // namespace slipway::storage
