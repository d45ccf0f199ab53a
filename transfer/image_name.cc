// An explicit name loses a tar suffix, too: machinectl's clients do the same before they send it.

#include "transfer/image_name.hh"

#include "base/error.hh"
#include "base/url.hh"

namespace slipway::transfer {
namespace {

storage::ImageName derive_from_url(const Url& url) {
    if (url.raw_file_name().empty()) {
        throw Error(Kind::InvalidArgument,
                    "the URL ends in no file name to call the image by; give a name");
    }
    return storage::ImageName::from_tar_file(url.raw_file_name());
}

storage::ImageName derive_from_path(const std::filesystem::path& path) {
    if (path.filename().empty()) {
        throw Error(Kind::InvalidArgument,
                    "what is imported has no file name to call the image by; give a name");
    }
    return storage::ImageName::from_tar_file(path.filename().string());
}

} // namespace

storage::ImageName settle_name(const Request& request) {
    if (request.verb == Verb::Remove) {
        return storage::ImageName::parse(request.name);
    }
    if (!request.name.empty() && request.name != "-") {
        return storage::ImageName::from_tar_file(request.name);
    }
    return request.verb == Verb::PullTar ? derive_from_url(Url::parse(request.url))
                                         : derive_from_path(request.path);
}

} // namespace slipway::transfer
