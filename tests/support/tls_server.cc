// OpenSSL's server side.

#include "tests/support/tls_server.hh"

#include <ctime>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/handle.hh"

namespace slipway::tests {
namespace {

using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using Cert = Handle<X509, X509_free>;
using Context = std::shared_ptr<SSL_CTX>;
using Session = Handle<SSL, SSL_free>;

constexpr long kDay = 24L * 60 * 60;

void require(bool good, const char* what) {
    if (!good) {
        throw std::runtime_error(std::string("TLS fixture: cannot ") + what);
    }
}

struct Identity {
    Key key;
    Cert certificate;
};

Key make_key() {
    Key key(EVP_EC_gen("P-256"));
    require(key != nullptr, "make a key");
    return key;
}

void add_extension(X509* certificate, int what, const char* value) {
    const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, what, value));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "add an extension");
}

struct Wanted {
    const char* name;
    const char* alternative_names; ///< nothing: an authority
    long valid_from = -kDay;       ///< seconds from now
    long valid_until = 30 * kDay;
};

Identity make_identity(const Wanted& wanted, const Identity* issuer) {
    static long serial = 1;
    Identity made{make_key(), Cert(X509_new())};
    X509* certificate = made.certificate.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.valid_from);
    X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.valid_until);
    X509_set_pubkey(certificate, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wanted.name), -1, -1, 0);
    const Identity& signer = issuer != nullptr ? *issuer : made;
    X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
    if (wanted.alternative_names != nullptr) {
        add_extension(certificate, NID_subject_alt_name, wanted.alternative_names);
    } else {
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    }
    require(X509_sign(certificate, signer.key.get(), EVP_sha256()) > 0, "sign a certificate");
    return made;
}

class TlsTransport final : public Transport {
public:
    explicit TlsTransport(Session session) : session_(std::move(session)) {}
    std::size_t read(std::span<char> into) override {
        std::size_t got = 0;
        return SSL_read_ex(session_.get(), into.data(), into.size(), &got) == 1 ? got : 0;
    }
    bool write(std::string_view bytes) override {
        std::size_t sent = 0;
        return bytes.empty() ||
               SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent) == 1;
    }

private:
    Session session_;
};

Context make_context(const Identity& identity) {
    Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    require(context && SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1 &&
                SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1,
            "use a certificate");
    return context;
}

void write_pem(const std::string& path, X509* certificate, EVP_PKEY* key) {
    const Handle<FILE, fclose> file(std::fopen(path.c_str(), "we"));
    require(file && (certificate == nullptr || PEM_write_X509(file.get(), certificate) == 1) &&
                (key == nullptr ||
                 PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1),
            "write a PEM file");
}

Wanted certificate_of(Certificate kind) {
    Wanted wanted{"server", "DNS:localhost,IP:127.0.0.1"};
    switch (kind) {
    case Certificate::Expired:
        wanted.valid_from = -30 * kDay;
        wanted.valid_until = -kDay;
        break;
    case Certificate::NotYetValid:
        wanted.valid_from = kDay;
        break;
    case Certificate::WrongName:
        wanted.alternative_names = "DNS:elsewhere.example";
        break;
    case Certificate::Good:
    case Certificate::UnknownIssuer:
        break;
    }
    return wanted;
}

} // namespace

struct TestAuthority::State {
    Identity known = make_identity({"known test authority", nullptr}, nullptr);
    Identity unknown = make_identity({"unknown test authority", nullptr}, nullptr);
};

TestAuthority::TestAuthority() : state_(std::make_unique<State>()) {
    write_pem(ca_file(), state_->known.certificate.get(), nullptr);
    // Read by slipway-fetch, which is nobody by then.
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
}

TestAuthority::~TestAuthority() = default;

std::string TestAuthority::ca_file() const {
    return directory_ / "ca.pem";
}

std::pair<std::string, std::string> TestAuthority::make_identity_files() const {
    const Identity made = make_identity(certificate_of(Certificate::Good), &state_->known);
    std::pair<std::string, std::string> paths{directory_ / "server.pem", directory_ / "server.key"};
    write_pem(paths.first, made.certificate.get(), nullptr);
    write_pem(paths.second, nullptr, made.key.get());
    return paths;
}

MakeTransport TestAuthority::tls(Certificate kind) const {
    const Identity& issuer = kind == Certificate::UnknownIssuer ? state_->unknown : state_->known;
    const Context context = make_context(make_identity(certificate_of(kind), &issuer));
    return [context](int fd) -> std::unique_ptr<Transport> {
        Session session(SSL_new(context.get()));
        if (!session || SSL_set_fd(session.get(), fd) != 1 || SSL_accept(session.get()) != 1) {
            ERR_clear_error();
            return nullptr;
        }
        return std::make_unique<TlsTransport>(std::move(session));
    };
}

} // namespace slipway::tests
