// The order is that of docs/verification.md, "Where documents lie".

#include "verify/discovery.hh"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "verify/checksum_file.hh"

namespace slipway::verify {
namespace {

constexpr std::array<std::string_view, 8> kSidecars{".sha256",   ".sha512",    ".SHA256",
                                                    ".SHA512",   ".SHA256SUM", ".SHA512SUM",
                                                    ".CHECKSUM", ".DIGESTS"};
constexpr std::string_view kStemList = ".SHA256SUMS";
constexpr std::array<std::string_view, 11> kLists{
    "SHA256SUMS",      "SHA512SUMS",     "CHECKSUM",       "CHECKSUM.SHA512",
    "CHECKSUM.SHA256", "sha256sums.txt", "sha512sums.txt", "sha256sum.txt",
    "sha512sum.txt",   "sha256sums",     "b2sums.txt"};
constexpr std::array<std::string_view, 5> kSignatures{".asc", ".gpg", ".sig", ".sign", ".minisig"};
constexpr std::array<std::string_view, 5> kImageSignatures{".asc", ".sig", ".gpg", ".sign",
                                                           ".minisig"};
constexpr std::array<std::string_view, 2> kWeakLists{"MD5SUMS", "SHA1SUMS"};

// Taken off a file's name to get its stem: one of each, in this order.
constexpr std::array<std::string_view, 5> kCompressions{".gz", ".xz", ".zst", ".bz2", ".lz4"};
constexpr std::array<std::string_view, 4> kFormats{".tar", ".raw", ".img", ".qcow2"};

template <typename Suffixes>
std::string_view without_one_of(std::string_view name, const Suffixes& suffixes) {
    const auto found = std::find_if(suffixes.begin(), suffixes.end(), [name](const auto& suffix) {
        return name.size() > suffix.size() && name.ends_with(suffix);
    });
    return found == suffixes.end() ? name : name.substr(0, name.size() - found->size());
}

template <typename Suffixes>
void add_with_suffixes(std::string_view name, const Suffixes& suffixes,
                       std::vector<std::string>& names) {
    for (const std::string_view suffix : suffixes) {
        names.push_back(std::string(name).append(suffix));
    }
}

struct Answer {
    int first;
    int last;
    Presence presence;
};

// The first row that fits. Hosts without the right to list answer 403 for what is missing (object
// stores, and the networks in front of them).
constexpr std::array kAnswers{
    Answer{200, 299, Presence::There},
    Answer{404, 404, Presence::Absent},
    Answer{403, 403, Presence::Absent},
    Answer{410, 410, Presence::Absent},
    Answer{401, 401, Presence::WantsCredentials},
    Answer{407, 407, Presence::WantsCredentials},
    Answer{408, 408, Presence::Unavailable},
    Answer{429, 429, Presence::Unavailable},
    Answer{400, 499, Presence::Refused},
};

} // namespace

std::vector<std::string> document_names(std::string_view file_name) {
    std::vector<std::string> names;
    if (!file_name.empty()) {
        add_with_suffixes(file_name, kSidecars, names);
        const std::string_view stem =
            without_one_of(without_one_of(file_name, kCompressions), kFormats);
        names.push_back(std::string(stem).append(kStemList));
    }
    names.insert(names.end(), kLists.begin(), kLists.end());
    return names;
}

std::vector<std::string> signature_names(std::string_view document_name) {
    std::vector<std::string> names;
    add_with_suffixes(document_name, kSignatures, names);
    constexpr std::string_view kText = ".txt";
    if (document_name.size() > kText.size() && document_name.ends_with(kText)) {
        document_name.remove_suffix(kText.size());
        names.push_back(std::string(document_name).append(".sig"));
    }
    return names;
}

std::vector<std::string> image_signature_names(std::string_view file_name) {
    std::vector<std::string> names;
    if (!file_name.empty()) {
        add_with_suffixes(file_name, kImageSignatures, names);
    }
    return names;
}

std::vector<std::string> weak_document_names(std::string_view file_name) {
    std::vector<std::string> names;
    if (!file_name.empty()) {
        names.push_back(std::string(file_name).append(".md5"));
    }
    names.insert(names.end(), kWeakLists.begin(), kWeakLists.end());
    return names;
}

std::string freshness_place(const Url& proof, std::string_view file_name) {
    const std::string path(proof.raw_path());
    const std::string directory = path.substr(0, path.rfind('/') + 1);
    const bool of_one_file = place_of(proof.file_name(), file_name) == Place::Sidecar;
    return fmt::format("{}://{}{}{}", proof.scheme(), proof.host(), directory,
                       of_one_file ? file_name : "");
}

Presence presence(int status) noexcept {
    const auto* row = std::find_if(kAnswers.begin(), kAnswers.end(), [status](const Answer& a) {
        return a.first <= status && status <= a.last;
    });
    return row == kAnswers.end() ? Presence::Unavailable : row->presence;
}

} // namespace slipway::verify
