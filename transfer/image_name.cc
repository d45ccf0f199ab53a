// An explicit name loses its suffix, too: machinectl's clients do the same before they send it.

#include "transfer/image_name.hh"

#include "base/error.hh"
#include "base/url.hh"

namespace slipway::transfer {
namespace {

storage::ImageName from_file(Verb verb, std::string_view file_name) {
    return brings_disk(verb) ? storage::ImageName::from_raw_file(file_name)
                             : storage::ImageName::from_tar_file(file_name);
}

storage::ImageName derive_from_url(Verb verb, const Url& url) {
    if (url.raw_file_name().empty()) {
        throw Error(Kind::InvalidArgument,
                    "the URL ends in no file name to call the image by; give a name");
    }
    return from_file(verb, url.raw_file_name());
}

storage::ImageName derive_from_path(Verb verb, const std::filesystem::path& path) {
    if (path.filename().empty()) {
        throw Error(Kind::InvalidArgument,
                    "what is imported has no file name to call the image by; give a name");
    }
    return from_file(verb, path.filename().string());
}

} // namespace

storage::ImageName settle_name(const Request& request) {
    if (request.verb == Verb::Remove) {
        return storage::ImageName::parse(request.name);
    }
    if (!request.name.empty() && request.name != "-") {
        return from_file(request.verb, request.name);
    }
    return is_pull(request.verb) ? derive_from_url(request.verb, Url::parse(request.url))
                                 : derive_from_path(request.verb, request.path);
}

} // namespace slipway::transfer
