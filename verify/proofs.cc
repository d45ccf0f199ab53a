// A failure is never "there is no signature": else whoever drops packets takes the signature away.

#include "verify/proofs.hh"

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "verify/discovery.hh"

namespace slipway::verify {
namespace {

Library::Answer fetch(Library& library, const Url& url, std::uint64_t limit_bytes,
                      LookAgain look_again) {
    const std::string name = url.file_name();
    try {
        return library.fetch(url, limit_bytes, look_again == LookAgain::Yes);
    } catch (Error& error) {
        if (error.kind() == Kind::Network) {
            throw Error(VerdictWord::Unavailable,
                        "cannot tell whether {} vouches for the image: {}; nothing was stored. Try "
                        "again",
                        quoted(name), error.what());
        }
        error.add_context("fetching {}", quoted(name));
        throw;
    }
}

Error unavailable(const Url& url, int status, std::string_view why, std::string_view advice) {
    return {VerdictWord::Unavailable,
            "{} answered {}{}; nothing was stored. {}",
            quoted(url.masked()),
            status,
            why,
            advice};
}

} // namespace

Library::Answer find_proof(Library& library, const Url& url, std::uint64_t limit_bytes,
                           LookAgain look_again) {
    Library::Answer answer = fetch(library, url, limit_bytes, look_again);
    switch (presence(answer.status)) {
    case Presence::There:
    case Presence::Absent:
        return answer;
    case Presence::WantsCredentials:
        throw unavailable(url, answer.status, ", it asks for credentials", "Put them into the URL");
    case Presence::Refused:
        throw unavailable(url, answer.status, ", which says nothing about the file",
                          "Ask the server's administrator");
    case Presence::Unavailable:
        break;
    }
    throw unavailable(url, answer.status, "", "Try again");
}

} // namespace slipway::verify
