// A publisher: files, their sums, a signature, served over HTTP.

#include "tests/e2e/publisher.hh"

#include "tests/e2e/archive.hh"

namespace slipway::tests {
namespace {

struct Identity {
    Keyring ring;
    std::string key = ring.make_key();
};

Identity& identity() {
    static Identity one;
    return one;
}

} // namespace

Publisher::Publisher() {
    write_file(keyring(), identity().ring.export_binary());
}

const std::string& Publisher::key() const {
    return identity().key;
}

std::string Publisher::sign(const std::string& text) const {
    return identity().ring.sign_detached(text, {.keys = {key()}});
}

std::string Publisher::sums() const {
    std::string text;
    for (const auto& [name, digest] : digests_) {
        text += digest + "  " + name + "\n";
    }
    return text;
}

void Publisher::publish(const std::string& name, std::string archive) {
    digests_[name] = sha256_of(archive);
    server.serve("/images/" + name, std::move(archive));
    publish_documents(sums());
}

void Publisher::publish_documents(const std::string& text) {
    server.serve(kSums, text);
    server.serve(kSignature, sign(text));
}

} // namespace slipway::tests
