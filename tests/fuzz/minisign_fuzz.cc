// Any bytes as a file of minisign or signify, as base64, as a signature of whatever kind: no crash,
// what is taken is whole, and nothing but the seeds' own signatures holds.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "check/held_keys.hh"
#include "check/minisign.hh"
#include "check/minisign_check.hh"
#include "check/signature_kind.hh"
#include "verify/base64.hh"

using namespace slipway::verify;
using namespace slipway::check;

namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "minisign_fuzz: %s\n", what));
        std::abort();
    }
}

void read_key(std::string_view bytes) {
    const MinisignKeyFile file = read_minisign_key(bytes);
    require(file.key.has_value() == file.problem.empty(), "a key without a reason, or with one");
    if (file.key) {
        require(file.key->number.size() == 16 && file.key->key.size() == 32, "half a key");
        HeldKeys keys;
        require(keys.add(bytes, "name").empty() && keys.size() == 1, "a key that is not held");
    }
}

// A key with the number of the signature, which did not make it.
HeldMinisignKey other_key(const MinisignSignature& signature) {
    return {{signature.number, std::string(32, '\x01'), "comment"}, {"name"}};
}

void read_signature(std::string_view bytes) {
    const std::optional<MinisignSignature> signature = read_minisign_signature(bytes);
    if (!signature) {
        return;
    }
    require(signature->number.size() == 16 && signature->signature.size() == 64,
            "half a signature");
    require(!signature->has_trusted_comment || !signature->problem.empty() ||
                signature->comment_signature.size() == 64,
            "half a signature of a comment");
    require(minisign_time(signature->trusted_comment) >= 0, "a time before all times");
    const SignatureStatus status =
        check_minisign(*signature, {other_key(*signature)}, "another text").status;
    require(status == SignatureStatus::Bad || status == SignatureStatus::Unsupported,
            "a signature holds that nobody made");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_key(bytes);
    read_signature(bytes);
    static_cast<void>(unsupported_kind(bytes));
    static_cast<void>(from_base64(bytes));
    return 0;
}
