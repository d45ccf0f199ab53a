// A drop-in NAME.conf that binds the keys of a key file to places:
//
//     [Key]
//     File=ubuntu.asc
//     Fingerprint=D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81
//     Match=https://cloud-images.ubuntu.com/
//     Expired=refuse
//     Stale=warn

#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::verify {

struct KeyBinding {
    std::string name;           ///< "ubuntu"
    std::filesystem::path conf; ///< where it was read
    std::filesystem::path file; ///< the key file, as File= or the name says, found or not
    std::vector<std::string> fingerprints; ///< upper case, without blanks
    std::vector<std::string> prefixes;     ///< URLs, normalised
    bool accept_expired = false;           ///< Expired=accept-if-signed-before
    bool refuse_stale = false;             ///< Stale=refuse
    /// What is wrong with it: "/etc/…/ubuntu.conf:3: …". Not empty: its keys count nowhere, what
    /// it could say of places holds.
    std::string problem;
};

/// Never throws Error: what is wrong is the binding's `problem`, the first that there is.
/// KeyBinding::file lies beside `conf`.
KeyBinding parse_drop_in(const std::filesystem::path& conf, std::string_view text);

/// "d2eb 4462 …" in upper case without blanks: 40 digits (OpenPGP, version 4), or 16 (the number
/// of a minisign key).
/// @throws Error InvalidArgument: what was expected
std::string parse_fingerprint(std::string_view text);

/// Whether it is that of a minisign key: a number that anybody can give a key of his.
bool is_key_number(std::string_view fingerprint) noexcept;

} // namespace slipway::verify
