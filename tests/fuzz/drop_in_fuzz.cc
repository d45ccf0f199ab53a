// Any bytes as a drop-in of keys: no crash, what is kept is sound, and a place that was normalised
// once stays as it is.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "verify/key_drop_in.hh"
#include "verify/url_prefix.hh"

using namespace slipway;
using namespace slipway::verify;

namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "drop_in_fuzz: %s\n", what));
        std::abort();
    }
}

void check_prefix(const std::string& prefix) {
    require(parse_url_prefix(prefix + "/") == prefix, "a normalised prefix is normalised further");
    const std::string below = normalised_place(Url::parse(prefix + "/a.img"));
    require(covers(prefix, below), "a prefix does not cover what lies below it");
    if (prefix == "file://") {
        return; // which has nothing beside it
    }
    const std::string beside = normalised_place(Url::parse(prefix + ".evil/a.img"));
    require(!covers(prefix, beside), "a prefix covers what begins alike");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const KeyBinding binding = parse_drop_in("/etc/slipway/keys.d/own.conf", text);
    require(binding.file.parent_path() == binding.conf.parent_path(),
            "the key file lies elsewhere");
    if (binding.problem.empty()) {
        require(!binding.prefixes.empty() && !binding.fingerprints.empty(),
                "a drop-in that says nothing has no problem");
    }
    for (const std::string& fingerprint : binding.fingerprints) {
        require(parse_fingerprint(fingerprint) == fingerprint, "a fingerprint changes");
    }
    for (const std::string& prefix : binding.prefixes) {
        check_prefix(prefix);
    }
    return 0;
}
