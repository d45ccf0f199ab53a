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

// A directory's name is taken whole: "web.tar" is then no suffix.
storage::ImageName derive_from_directory(const std::filesystem::path& path) {
    const std::filesystem::path normal = path.lexically_normal();
    const std::filesystem::path name =
        normal.has_filename() ? normal.filename() : normal.parent_path().filename();
    if (name.empty()) {
        throw Error(Kind::InvalidArgument,
                    "what is imported has no name of its own to call the image by; give a name");
    }
    return storage::ImageName::parse(name.string());
}

} // namespace

storage::ImageName settle_name(const Request& request) {
    if (is_about_stored(request.verb)) {
        return storage::ImageName::parse(request.name);
    }
    const bool is_given = !request.name.empty() && request.name != "-";
    if (request.verb == Verb::ImportFs) {
        return is_given ? storage::ImageName::parse(request.name)
                        : derive_from_directory(request.path);
    }
    if (is_given) {
        return from_file(request.verb, request.name);
    }
    return is_pull(request.verb) ? derive_from_url(request.verb, Url::parse(request.url))
                                 : derive_from_path(request.verb, request.path);
}

} // namespace slipway::transfer
