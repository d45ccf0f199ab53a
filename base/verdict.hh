// The proof that verification has taken place, as a value. Committing an image asks for one, and
// only verify::Judge can make one: an unverified image cannot be committed by forgetting a call.

#pragma once

#include <string>
#include <utility>

#include "base/outcome.hh"

namespace slipway {

namespace verify {
class Judge;
}

class Verdict {
public:
    VerdictWord word() const noexcept { return word_; }
    /// For people: "verified: SHA-256, signed by 7D8D… Ubuntu Cloud Image Builder".
    const std::string& sentence() const noexcept { return sentence_; }
    /// Primary fingerprint of the key that signed; empty when no signature was asked for.
    const std::string& key() const noexcept { return key_; }

private:
    friend class verify::Judge;
    Verdict(VerdictWord word, std::string sentence, std::string key)
        : word_(word), sentence_(std::move(sentence)), key_(std::move(key)) {}

    VerdictWord word_;
    std::string sentence_;
    std::string key_;
};

} // namespace slipway
