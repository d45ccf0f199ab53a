// A loopback site that stands in for every publisher: what lies in a row's directory, whole or with
// one thing changed, and what was asked for.
//
//   PublisherSite site;
//   site.offer(row, Change::DigestChanged);
//   … pull row.url …
//   CHECK(site.image_requests() == 0);

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/publisher_image.hh"
#include "tests/e2e/publisher_row.hh"
#include "tests/e2e/publisher_signer.hh"
#include "tests/support/http_server.hh"

namespace slipway::tests {

/// What is wrong with an offer.
enum class Change {
    Nothing,
    ImageChanged,  ///< one byte of it; documents and signatures are about the true one
    DigestChanged, ///< in every document, after it was signed
    ForeignKey,    ///< it signs everything
    NothingBeside, ///< the image alone
    SignatureGone, ///< every signature that could be read
};

/// The text of a checksum document.
std::string document_text(const ChecksumDocument& document, const PublisherRow& row,
                          const PublishedImage& image);

class PublisherSite {
public:
    /// After use_private_network(); every publisher's host leads here from now on.
    PublisherSite();

    /// Serves what the row's publisher offers, and nothing else.
    void offer(const PublisherRow& row, Change change = Change::Nothing);
    /// The same, signed by somebody's key.
    void offer(const PublisherRow& row, Change change, const Signer& signer);

    /// Another content of one file of the offer.
    void replace(const PublisherRow& row, const std::string& name, const std::string& content);

    /// The key of the row's publisher.
    const Signer& signer(const PublisherRow& row);
    /// How often the image was asked for since it was offered, wherever it lies.
    std::size_t image_requests() const;
    /// Everything that was asked for since, as "//HOST/PATH".
    std::vector<std::string> requests() const;

private:
    void serve(const std::string& path, const std::string& content);

    HttpServer server_{Hosts::All};
    std::map<std::string, Signer> signers_;
    std::map<std::string, Signer> foreigners_;
    std::vector<std::string> served_;
    std::vector<std::string> image_paths_;
    std::size_t seen_ = 0; ///< requests before the offer
};

} // namespace slipway::tests
