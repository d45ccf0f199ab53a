// --verify, and where keys lie.

#include "verify/policy.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <system_error>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::verify {
namespace {

namespace fs = std::filesystem;

// BLAKE2b has SHA-512's length: only a document can tell them apart.
constexpr std::array kByLength{stream::Algorithm::Sha256, stream::Algorithm::Sha384,
                               stream::Algorithm::Sha512};

// An earlier place hides same-named files of the later ones.
constexpr std::array<std::string_view, 3> kKeyDirectories{
    "etc/slipway/keys.d", "run/slipway/keys.d", "usr/lib/slipway/keys.d"};

constexpr std::array<std::string_view, 4> kPeersKeyrings{
    "etc/systemd/import-pubring.pgp", "etc/systemd/import-pubring.gpg",
    "usr/lib/systemd/import-pubring.pgp", "usr/lib/systemd/import-pubring.gpg"};

constexpr std::array<std::string_view, 3> kKeySuffixes{".asc", ".gpg", ".pgp"};

bool is_key_file(const fs::path& path) {
    const std::string suffix = path.extension().string();
    return std::find(kKeySuffixes.begin(), kKeySuffixes.end(), suffix) != kKeySuffixes.end();
}

// An empty file, or a link to /dev/null: says that a later file of this name is not wanted.
bool is_mask(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    return fs::is_character_file(status) ||
           (fs::is_regular_file(status) && fs::file_size(path, error) == 0 && !error);
}

void add_key_files(const fs::path& directory, std::map<std::string, fs::path>& by_name) {
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error)) {
        if (is_key_file(at->path())) {
            by_name.emplace(at->path().filename().string(), at->path());
        }
    }
}

} // namespace

std::string_view word(Mode mode) noexcept {
    switch (mode) {
    case Mode::No:
        return "no";
    case Mode::Checksum:
        return "checksum";
    case Mode::Signature:
        return "signature";
    case Mode::Digest:
        break;
    }
    return "digest";
}

Policy parse_policy(std::string_view text) {
    for (const Mode mode : {Mode::No, Mode::Checksum, Mode::Signature}) {
        if (text == word(mode)) {
            Policy policy;
            policy.mode = mode;
            return policy;
        }
    }
    const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
    const auto fits = [&](stream::Algorithm algorithm) {
        return text.size() == stream::hex_length(algorithm);
    };
    const auto* algorithm = std::find_if(kByLength.begin(), kByLength.end(), fits);
    if (algorithm == kByLength.end() || !std::all_of(text.begin(), text.end(), is_hex)) {
        throw Error(Kind::InvalidArgument,
                    "--verify={} is not understood; expected no, checksum, signature, or a digest "
                    "of 64 (SHA-256), 96 (SHA-384) or 128 (SHA-512) hexadecimal digits{}",
                    quoted(text, 140),
                    text.size() > 20 ? fmt::format(" (these are {} characters)", text.size()) : "");
    }
    Policy policy{.mode = Mode::Digest, .algorithm = *algorithm, .digest = std::string(text)};
    std::transform(text.begin(), text.end(), policy.digest.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return policy;
}

std::vector<fs::path> keyrings_below(const fs::path& root) {
    std::map<std::string, fs::path> by_name;
    for (const std::string_view directory : kKeyDirectories) {
        add_key_files(root / directory, by_name);
    }
    std::vector<fs::path> keyrings;
    for (const auto& [name, path] : by_name) {
        if (!is_mask(path)) {
            keyrings.push_back(path);
        }
    }
    for (const std::string_view path : kPeersKeyrings) {
        keyrings.push_back(root / path);
    }
    return keyrings;
}

std::vector<fs::path> system_keyrings() {
    return keyrings_below("/");
}

} // namespace slipway::verify
