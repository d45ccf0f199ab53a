// Keys and signatures of minisign and signify for tests, made by the real tools.

#pragma once

#include <string>
#include <string_view>

#include "tests/support/programs.hh"

namespace slipway::tests {

/// One key in a throw-away directory.
class Minisigner {
public:
    enum class Tool { Minisign, Signify };
    explicit Minisigner(Tool tool = Tool::Minisign);

    /// The public key's file.
    const std::string& public_key() const noexcept { return public_key_; }
    /// The key's number, as minisign prints it (16 digits); empty with signify, which prints none.
    std::string number() const;
    /// What the public key's file says of itself: "minisign public key 8F…", there without the
    /// zeros that the number begins with.
    std::string comment() const;

    struct How {
        bool legacy = false;              ///< over the text itself; signify knows nothing else
        std::string trusted_comment = {}; ///< empty: minisign's own, with the time
    };
    /// The signature's file.
    std::string sign(std::string_view text, const How& how);
    std::string sign(std::string_view text) { return sign(text, How()); }

private:
    Tool tool_;
    TempDir directory_;
    std::string public_key_;
};

} // namespace slipway::tests
