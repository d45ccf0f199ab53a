// What a document says of a file is read anew for each file: that is what differs.

#include "verify/remembering_library.hh"

#include <algorithm>
#include <iterator>

namespace slipway::verify {

Library::Answer RememberingLibrary::fetch(const Url& url, std::uint64_t limit_bytes,
                                          bool look_again) {
    const auto found = answers_.find(url.text());
    if (found != answers_.end() && !look_again) {
        return found->second;
    }
    return answers_[url.text()] = asked_.fetch(url, limit_bytes, look_again);
}

void RememberingLibrary::expect(const std::vector<Ahead>& next, bool look_again) {
    std::vector<Ahead> unknown;
    std::copy_if(next.begin(), next.end(), std::back_inserter(unknown), [&](const Ahead& ahead) {
        return look_again || !answers_.contains(ahead.url.text());
    });
    asked_.expect(unknown, look_again);
}

ChecksumFile RememberingLibrary::read(std::string_view document, std::string_view document_name,
                                      std::string_view file_name) {
    return asked_.read(document, document_name, file_name);
}

SignatureReport RememberingLibrary::check_detached(std::string_view statement,
                                                   std::string_view signature) {
    const std::pair key{std::string(statement), std::string(signature)};
    const auto found = detached_.find(key);
    if (found != detached_.end()) {
        return found->second;
    }
    return detached_[key] = asked_.check_detached(statement, signature);
}

SignatureReport RememberingLibrary::check_clearsigned(std::string_view document) {
    const std::string key(document);
    const auto found = clearsigned_.find(key);
    if (found != clearsigned_.end()) {
        return found->second;
    }
    return clearsigned_[key] = asked_.check_clearsigned(document);
}

void RememberingLibrary::warn(std::string_view text) {
    if (warned_.emplace(text).second) {
        asked_.warn(text);
    }
}

} // namespace slipway::verify
