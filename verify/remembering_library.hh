// One set of documents vouches for several files: what was fetched and checked for the image is
// neither fetched nor checked again for what lies beside it, and no warning is given twice.

#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verify/judge.hh"

namespace slipway::verify {

class RememberingLibrary final : public Library {
public:
    /// @param asked  what is asked for everything that is new; must outlive this
    explicit RememberingLibrary(Library& asked) : asked_(asked) {}

    /// A look past caches asks anew, and its answer replaces what was remembered.
    Answer fetch(const Url& url, std::uint64_t limit_bytes, bool look_again) override;
    /// What was fetched, by URL.
    const std::map<std::string, Answer>& answers() const noexcept { return answers_; }
    /// What is remembered is not expected.
    void expect(const std::vector<Ahead>& next, bool look_again) override;
    ChecksumFile read(std::string_view document, std::string_view document_name,
                      std::string_view file_name) override;
    SignatureReport check_detached(std::string_view statement, std::string_view signature) override;
    SignatureReport check_clearsigned(std::string_view document) override;
    SignatureReport foresee(std::string_view signature) override {
        return asked_.foresee(signature);
    }
    void seen(std::string_view name, int status, std::string_view text) override {
        asked_.seen(name, status, text);
    }
    void debug(std::string_view text) override { asked_.debug(text); }
    void warn(std::string_view text) override;

private:
    Library& asked_;
    std::map<std::string, Answer> answers_; ///< by URL
    std::map<std::pair<std::string, std::string>, SignatureReport> detached_;
    std::map<std::string, SignatureReport> clearsigned_;
    std::set<std::string, std::less<>> warned_;
};

} // namespace slipway::verify
