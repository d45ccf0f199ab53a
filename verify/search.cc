// docs/verification.md, "Where documents lie", carried out. What is going to be asked for is
// announced, so that it can be fetched ahead; it is judged in this order all the same. A proof that
// cannot be fetched ends the search.

#include "verify/search.hh"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verify/discovery.hh"
#include "verify/openpgp_text.hh"

namespace slipway::verify {
namespace {

// Some servers answer every name with a page of theirs.
bool is_page(std::string_view content) noexcept {
    const std::size_t first = content.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && content[first] == '<';
}

class Search {
public:
    Search(Library& library, const Inquiry& inquiry, Mode mode, LookAgain look_again)
        : library_(library), inquiry_(inquiry), image_(*inquiry.image), mode_(mode),
          look_again_(look_again), dossier_(library, inquiry, mode) {}

    Evidence run() {
        const Hints& hints = inquiry_.hints;
        if (hints.checksum_url) {
            announce({*hints.checksum_url});
            consider_document(*hints.checksum_url);
        } else if (hints.signature_url && mode_ == Mode::Signature) {
            consider_image_signature(*hints.signature_url);
        } else {
            search_beside();
        }
        library_.expect({}, look_again_ == LookAgain::Yes);
        return std::move(dossier_).close();
    }

private:
    void search_beside() {
        const std::string file = image_.file_name();
        documents_ = beside(inquiry_.hints.documents);
        for (const Url& url : beside(document_names(file))) {
            documents_.push_back(url);
        }
        announce({});
        while (!documents_.empty() && !dossier_.is_closed()) {
            const Url url = documents_.front();
            documents_.erase(documents_.begin());
            consider_document(url);
        }
        const bool is_signed = consider_image_signatures(image_signature_names(file));
        // What is worthless says nothing where a signature has said why it does not count.
        if (!dossier_.is_closed() && !found_document_ && !(is_signed && mode_ == Mode::Signature)) {
            consider_weak_documents(file);
        }
    }

    void consider_document(const Url& url) {
        dossier_.looked_for(url.file_name());
        const auto document = fetch_document(url);
        if (!document) {
            return;
        }
        const auto file = dossier_.read(*document);
        if (!file) {
            return;
        }
        found_document_ = true;
        if (mode_ == Mode::Signature && file->clearsigned) {
            dossier_.add_clearsigned(*document, file->digest);
        } else if (mode_ == Mode::Signature) {
            consider_signatures(*document, *file);
        }
        // In signature mode, too: whatever vouches later has to agree with it.
        if (!dossier_.is_closed()) {
            dossier_.add_unsigned(*document, *file);
        }
    }

    void consider_signatures(const Paper& document, const ChecksumFile& file) {
        std::vector<Url> urls;
        if (inquiry_.hints.signature_url) {
            urls.push_back(*inquiry_.hints.signature_url);
        } else {
            for (const std::string& name : signature_names(document.name)) {
                urls.push_back(document.url.sibling(name));
            }
        }
        announce(urls);
        bool found = false;
        for (const Url& url : urls) {
            if (const auto signature = fetch_signature(url)) {
                found = true;
                consider_signature(document, file, *signature);
            }
            if (dossier_.is_closed()) {
                return;
            }
        }
        if (!found) {
            std::vector<std::string> names;
            std::transform(urls.begin(), urls.end(), std::back_inserter(names),
                           [](const Url& url) { return url.file_name(); });
            dossier_.missing_signatures(document.name, names);
        }
    }

    void consider_signature(const Paper& document, const ChecksumFile& file,
                            const Paper& signature) {
        if (!is_clearsigned(signature.content)) {
            dossier_.add_signature(document, file, signature);
            return;
        }
        consider_signed_copy(signature);
        if (dossier_.is_closed()) { // both have to agree
            dossier_.add_unsigned(document, file);
        }
    }

    // A signed copy in a signature's place, which is a document of its own.
    void consider_signed_copy(const Paper& copy) {
        if (const auto file = dossier_.read(copy)) {
            dossier_.add_clearsigned(copy, file->digest);
        }
    }

    // Whether there is one.
    bool consider_image_signatures(const std::vector<std::string>& names) {
        bool found = false;
        for (const std::string& name : names) {
            found |= !dossier_.is_closed() && consider_image_signature(image_.sibling(name));
        }
        if (!found) {
            dossier_.missing_image_signatures(names);
        }
        return found;
    }

    // Whether it is there.
    bool consider_image_signature(const Url& url) {
        const auto signature = fetch_signature(url);
        if (!signature) {
            return false;
        }
        if (is_page(signature->content)) {
            dossier_.add_page(*signature);
        } else if (mode_ == Mode::Checksum) {
            dossier_.unused_signature(signature->name);
        } else if (is_clearsigned(signature->content)) {
            consider_signed_copy(*signature);
        } else {
            dossier_.add_image_signature(*signature);
        }
        return true;
    }

    void consider_weak_documents(const std::string& file) {
        for (const std::string& name : weak_document_names(file)) {
            if (const auto document = fetch_document(image_.sibling(name))) {
                dossier_.read(*document);
            }
        }
    }

    std::optional<Paper> fetch_document(const Url& url) {
        return fetch(url, kMaxDocumentBytes, &Dossier::too_large_document);
    }

    std::optional<Paper> fetch_signature(const Url& url) {
        return fetch(url, kMaxSignatureBytes, &Dossier::too_large_signature);
    }

    std::optional<Paper> fetch(const Url& url, std::uint64_t limit_bytes,
                               void (Dossier::*too_large)(const std::string&)) {
        std::string name = url.file_name();
        Library::Answer answer = find_proof(library_, url, limit_bytes, look_again_);
        if (presence(answer.status) == Presence::Absent) {
            dossier_.absent(name, answer.status);
            if (is_given(url)) {
                dossier_.given_is_absent(url, answer.status);
            }
            return std::nullopt;
        }
        if (answer.too_large) {
            (dossier_.*too_large)(name);
            return std::nullopt;
        }
        return Paper{std::move(name), url, std::move(answer.content)};
    }

    bool is_given(const Url& url) const {
        const Hints& hints = inquiry_.hints;
        return (hints.checksum_url && hints.checksum_url->text() == url.text()) ||
               (hints.signature_url && hints.signature_url->text() == url.text());
    }

    std::vector<Url> beside(const std::vector<std::string>& names) const {
        std::vector<Url> urls;
        std::transform(names.begin(), names.end(), std::back_inserter(urls),
                       [this](const std::string& name) { return image_.sibling(name); });
        return urls;
    }

    // These signatures come first, then the documents that were not looked at yet.
    void announce(const std::vector<Url>& signatures) {
        std::vector<Library::Ahead> next;
        for (const Url& url : signatures) {
            next.push_back({url, kMaxSignatureBytes});
        }
        for (const Url& url : documents_) {
            next.push_back({url, kMaxDocumentBytes});
        }
        for (const Url& url : beside(image_signature_names(image_.file_name()))) {
            next.push_back({url, kMaxSignatureBytes});
        }
        library_.expect(next, look_again_ == LookAgain::Yes);
    }

    Library& library_;
    const Inquiry& inquiry_;
    const Url& image_;
    Mode mode_;
    LookAgain look_again_;
    Dossier dossier_;
    std::vector<Url> documents_;  ///< that were not looked at yet
    bool found_document_ = false; ///< one with digests for our file
};

} // namespace

Evidence search(Library& library, const Inquiry& inquiry, Mode mode, LookAgain look_again) {
    return Search(library, inquiry, mode, look_again).run();
}

} // namespace slipway::verify
