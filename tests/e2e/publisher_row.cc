// What a row says of its publisher, in parts.

#include "tests/e2e/publisher_row.hh"

#include <algorithm>

#include "base/url.hh"

namespace slipway::tests {

std::string PublisherRow::host() const {
    return Url::parse(url).host();
}

std::string PublisherRow::directory() const {
    return url.substr(0, url.rfind('/') + 1);
}

std::string PublisherRow::file() const {
    return Url::parse(url).file_name();
}

bool PublisherRow::brings_disk() const noexcept {
    return image.content != ImageShape::Content::System &&
           image.content != ImageShape::Content::NestedSystem;
}

bool PublisherRow::uses_minisign() const noexcept {
    return std::any_of(documents.begin(), documents.end(), [](const ChecksumDocument& document) {
        return std::any_of(
            document.signatures.begin(), document.signatures.end(),
            [](const SignatureFile& one) { return one.kind == SignatureKind::Minisign; });
    });
}

std::vector<std::string> publisher_hosts() {
    std::vector<std::string> hosts;
    for (const PublisherRow& row : publisher_rows()) {
        for (const std::string& url : {row.url, row.mirror, row.signature_url}) {
            if (!url.empty()) {
                hosts.push_back(Url::parse(url).host());
            }
        }
    }
    return hosts;
}

} // namespace slipway::tests
