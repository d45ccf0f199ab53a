// Documents and signatures are made over the true image first; then one thing is changed.

#include "tests/e2e/publisher_site.hh"

#include <algorithm>

#include <fmt/format.h>

#include "tests/support/private_network.hh"

namespace slipway::tests {
namespace {

// "http://HOST/PATH" → "//HOST/PATH", decoded as the server does it.
std::string server_path(const std::string& url, const std::string& file) {
    std::string path = url.substr(url.find("//"), url.rfind('/') + 1 - url.find("//"));
    for (std::size_t at = 0; (at = path.find("%3A")) != std::string::npos;) {
        path.replace(at, 3, ":");
    }
    return path + file;
}

std::string last_segment(const std::string& url) {
    return url.substr(url.rfind('/') + 1);
}

std::string one_byte_changed(std::string bytes) {
    char& byte = bytes[bytes.size() / 2];
    byte = static_cast<char>(byte ^ 1);
    return bytes;
}

// Another digest in the place of each that `text` has of the image.
std::string digests_changed(std::string text, const ChecksumDocument& document,
                            const PublishedImage& image) {
    for (const std::string& algorithm : document.algorithms) {
        const std::string& digest = image.digest(algorithm);
        for (std::size_t at = 0; (at = text.find(digest, at)) != std::string::npos; ++at) {
            text[at] = text[at] == '0' ? '1' : '0';
        }
    }
    return text;
}

bool can_be_read(SignatureKind kind) {
    return kind != SignatureKind::Usign && kind != SignatureKind::Smime;
}

// What lies beside an image, by name.
class Beside {
public:
    Beside(const PublisherRow& row, const PublishedImage& image, Change change,
           const Signer& signer)
        : row_(row), image_(image), change_(change), signer_(signer) {}

    std::map<std::string, std::string> files() {
        for (const ChecksumDocument& document : row_.documents) {
            add(document);
        }
        for (const SignatureFile& signature : row_.over_image) {
            add(signature, image_.bytes(), nullptr);
        }
        return std::move(files_);
    }

private:
    void add(const ChecksumDocument& document) {
        const std::string text = document_text(document, row_, image_);
        put(name(document.name), text, &document);
        for (const SignatureFile& signature : document.signatures) {
            add(signature, text, &document);
        }
    }

    // Over a document, or over the image.
    void add(const SignatureFile& signature, const std::string& text,
             const ChecksumDocument* document) {
        if (change_ == Change::SignatureGone && can_be_read(signature.kind)) {
            return;
        }
        const bool holds_text =
            signature.kind == SignatureKind::InPlace || signature.kind == SignatureKind::Copy;
        const std::string& of = signature.name.empty() ? document->name : signature.name;
        put(name(of), signer_.sign(text, signature.kind), holds_text ? document : nullptr);
    }

    void put(const std::string& name, std::string content, const ChecksumDocument* document) {
        files_[name] = change_ == Change::DigestChanged && document != nullptr
                           ? digests_changed(std::move(content), *document, image_)
                           : std::move(content);
    }

    std::string name(const std::string& pattern) const {
        return fmt::format(fmt::runtime(pattern), row_.file());
    }

    const PublisherRow& row_;
    const PublishedImage& image_;
    Change change_;
    const Signer& signer_;
    std::map<std::string, std::string> files_;
};

const Signer& made(std::map<std::string, Signer>& known, const PublisherRow& row,
                   const std::string& owner) {
    const auto found = known.find(owner);
    return found != known.end() ? found->second
                                : known.emplace(owner, Signer(row, owner)).first->second;
}

} // namespace

PublisherSite::PublisherSite() {
    point_hosts_here(publisher_hosts());
}

const Signer& PublisherSite::signer(const PublisherRow& row) {
    return made(signers_, row, row.publisher + " <keys@" + row.host() + ">");
}

void PublisherSite::offer(const PublisherRow& row, Change change) {
    const std::string foreigner =
        row.uses_minisign() ? "Mallory's minisign" : "Mallory <mallory@example.net>";
    offer(row, change,
          change == Change::ForeignKey ? made(foreigners_, row, foreigner) : signer(row));
}

void PublisherSite::offer(const PublisherRow& row, Change change, const Signer& signer) {
    for (const std::string& path : served_) {
        server_.remove(path);
        server_.always(path, as_usual());
    }
    served_.clear();
    server_.answer_missing("//" + row.host() + "/", row.missing);
    const PublishedImage& image = published_image(row.image);
    const std::string bytes =
        change == Change::ImageChanged ? one_byte_changed(image.bytes()) : image.bytes();
    image_paths_ = {server_path(row.url, row.file())};
    if (row.mirror.empty()) {
        serve(image_paths_.front(), bytes);
    } else {
        image_paths_.push_back(server_path(row.mirror, last_segment(row.mirror)));
        serve(image_paths_.back(), bytes);
        server_.always(image_paths_.front(), redirecting_to(row.mirror));
        served_.push_back(image_paths_.front());
    }
    if (change != Change::NothingBeside) {
        for (const auto& [name, content] : Beside(row, image, change, signer).files()) {
            const bool elsewhere = row.signature_url.ends_with("/" + name);
            serve(server_path(elsewhere ? row.signature_url : row.url, name), content);
        }
    }
    seen_ = server_.requests().size();
}

void PublisherSite::replace(const PublisherRow& row, const std::string& name,
                            const std::string& content) {
    serve(server_path(row.url, name), content);
}

void PublisherSite::serve(const std::string& path, const std::string& content) {
    server_.serve(path, content);
    served_.push_back(path);
}

std::vector<std::string> PublisherSite::requests() const {
    std::vector<std::string> paths;
    const std::vector<SeenRequest> all = server_.requests();
    std::transform(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end(),
                   std::back_inserter(paths), [](const SeenRequest& one) { return one.path; });
    return paths;
}

std::size_t PublisherSite::image_requests() const {
    const std::vector<std::string> paths = requests();
    return static_cast<std::size_t>(
        std::count_if(paths.begin(), paths.end(), [this](const std::string& path) {
            return std::find(image_paths_.begin(), image_paths_.end(), path) != image_paths_.end();
        }));
}

} // namespace slipway::tests
