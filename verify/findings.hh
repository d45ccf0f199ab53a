// Why what lies beside an image does not vouch for it, gathered while the search goes on, and the
// one refusal that it all comes to. Part of Judge; not for other rooms.

#pragma once

#include <string>
#include <vector>

#include "base/outcome.hh"

namespace slipway::verify {

/// Why the image must not be fetched.
struct Refusal {
    VerdictWord word{};
    std::string text;
    /// Caches that lag behind may be the reason: a second look past them is worth it.
    bool look_again = false;
};

/// The reason with what was left untouched and what to do next.
Refusal make_refusal(VerdictWord word, const std::string& reason);

class Findings {
public:
    /// @param file  the image's file name
    explicit Findings(std::string file) : file_(std::move(file)) {}

    void looked_for(std::string document) { documents_.push_back(std::move(document)); }
    /// A document has digests for our file and none of these signatures.
    void missing_signatures(const std::string& document, const std::vector<std::string>& names);
    /// None of these signatures over our file exists.
    void missing_image_signatures(std::vector<std::string> names) {
        missing_image_signatures_ = std::move(names);
    }
    /// There is a file that should be a signature: the image is not called unsigned.
    void found_signature() noexcept { found_signature_ = true; }
    void note(VerdictWord word, std::string reason);

    /// The most telling of what was noted.
    /// @param image  masked URL
    Refusal refusal(const std::string& image) const;

private:
    struct Note {
        VerdictWord word;
        std::string reason;
    };
    std::string file_;
    std::vector<std::string> documents_;
    std::vector<std::string> missing_signatures_; ///< groups of names, for people
    std::vector<std::string> missing_image_signatures_;
    std::vector<Note> notes_;
    bool found_signature_ = false;
};

} // namespace slipway::verify
