// What is not a signature that can be read: named when its kind is known, else no signature at all.

#include <string>
#include <vector>

#include "check/signature_kind.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/checker.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::verify;
using namespace slipway::check;

namespace {

std::string with_length(const std::string& content) {
    return std::string("\x30\x82", 2) + static_cast<char>(content.size() >> 8) +
           static_cast<char>(content.size()) + content;
}

const std::string kSignedData = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";

} // namespace

TEST_CASE("kinds of signatures that cannot be read are named", "[verify][kinds]") {
    struct Row {
        std::string content;
        std::string kind;
    };
    const std::string base64(96, 'Q');
    const std::vector<Row> rows{
        {"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n", "an SSH signature"},
        {"-----BEGIN PKCS7-----\nMIIB\n", "S/MIME"},
        {"\n-----BEGIN CMS-----\nMIIB\n", "S/MIME"},
        {"MIME-Version: 1.0\n\n", "S/MIME"},
        {with_length(kSignedData + std::string(500, 'x')), "S/MIME"},
        {std::string("\x30\x46", 2) + std::string(0x46, '\x02'), "an ASN.1 signature"},
        {"-----BEGIN CERTIFICATE-----\nMIIB\n", "an X.509 certificate"},
        {R"({"base64Signature": "MEUC"})", "a cosign bundle"},
        {R"({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"})", "a cosign bundle"},
        {base64 + "\n", "a bare base64 signature"},
        {"", ""},
        {"\n\n", ""},
        {"<!DOCTYPE html><html>404</html>", ""},
        {"NotFound", ""},
        {R"({"error": "not found"})", ""},
        {std::string(128, 'a') + "\n", ""}, // may be a digest
        {"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", ""},
        {std::string("\x30\x82\xff\xff", 4) + std::string(64, 'x'), ""},
        {std::string("\x30\x84\xff\xff\xff\xff", 6) + std::string(64, 'x'), ""},
        {std::string(64, '\0'), ""},
    };
    for (const Row& row : rows) {
        INFO(row.content);
        CHECK(unsupported_kind(row.content) == row.kind);
    }
}

TEST_CASE("G3: HTML, nothing and random bytes are no signature, a foreign kind is unsupported",
          "[verify][kinds]") {
    const SignatureChecker checker({});
    for (const std::string none : {"", "<html>", "\x01\x02\x03", "untrusted comment: x\nx\n"}) {
        CHECK(checker.check_detached("text", none, {}).signatures.empty());
        CHECK(checker.foresee(none, {}).signatures.empty());
    }
    for (const auto& report :
         {checker.check_detached("text", "-----BEGIN SSH SIGNATURE-----\n", {}),
          checker.foresee("-----BEGIN SSH SIGNATURE-----\n", {})}) {
        REQUIRE(report.signatures.size() == 1);
        CHECK(report.signatures[0].status == SignatureStatus::Unsupported);
        CHECK(report.signatures[0].detail == "an SSH signature");
    }
}
