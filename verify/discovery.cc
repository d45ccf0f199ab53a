// The order is that of docs/verification.md, "Where documents lie".

#include "verify/discovery.hh"

#include <algorithm>
#include <array>

namespace slipway::verify {
namespace {

constexpr std::array<std::string_view, 2> kSidecars{".sha256", ".sha512"};
constexpr std::array<std::string_view, 2> kLists{"SHA256SUMS", "SHA512SUMS"};
constexpr std::array<std::string_view, 2> kSignatures{".gpg", ".asc"};

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
    }
    names.insert(names.end(), kLists.begin(), kLists.end());
    return names;
}

std::vector<std::string> signature_names(std::string_view document_name) {
    std::vector<std::string> names;
    add_with_suffixes(document_name, kSignatures, names);
    return names;
}

Presence presence(int status) noexcept {
    const auto* row = std::find_if(kAnswers.begin(), kAnswers.end(), [status](const Answer& a) {
        return a.first <= status && status <= a.last;
    });
    return row == kAnswers.end() ? Presence::Unavailable : row->presence;
}

} // namespace slipway::verify
