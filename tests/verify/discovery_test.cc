// What is looked for beside an image, and in which order.

#include <string>
#include <vector>

#include "tests/catch.hh"
#include "verify/discovery.hh"

using namespace slipway;
using namespace slipway::verify;
using Names = std::vector<std::string>;

TEST_CASE("documents are looked for from the sidecars to the lists", "[verify][discovery]") {
    CHECK(document_names("w.tar.xz") ==
          Names{"w.tar.xz.sha256",    "w.tar.xz.sha512",    "w.tar.xz.SHA256",   "w.tar.xz.SHA512",
                "w.tar.xz.SHA256SUM", "w.tar.xz.SHA512SUM", "w.tar.xz.CHECKSUM", "w.tar.xz.DIGESTS",
                "w.SHA256SUMS",       "SHA256SUMS",         "SHA512SUMS",        "CHECKSUM",
                "CHECKSUM.SHA512",    "CHECKSUM.SHA256",    "sha256sums.txt",    "sha512sums.txt",
                "sha256sum.txt",      "sha512sum.txt",      "sha256sums",        "b2sums.txt"});
    CHECK(document_names("").front() == "SHA256SUMS"); // a URL without a file name
}

TEST_CASE("the stem of a file loses one compression and one format", "[verify][discovery]") {
    const auto stem_list = [](const char* file) { return document_names(file).at(8); };
    CHECK(stem_list("image.raw.zst") == "image.SHA256SUMS");
    CHECK(stem_list("image.tar") == "image.SHA256SUMS");
    CHECK(stem_list("image.qcow2.xz") == "image.SHA256SUMS");
    CHECK(stem_list("image.img.gz") == "image.SHA256SUMS");
    CHECK(stem_list("image.gz") == "image.SHA256SUMS");
    CHECK(stem_list("image.tar.raw") == "image.tar.SHA256SUMS");
    CHECK(stem_list("image.xz.tar") == "image.xz.SHA256SUMS");
    CHECK(stem_list("image_1.2") == "image_1.2.SHA256SUMS");
    CHECK(stem_list(".tar") == ".tar.SHA256SUMS");
}

TEST_CASE("signatures lie behind a document's name, and beside a text under its stem",
          "[verify][discovery]") {
    CHECK(signature_names("SHA256SUMS") == Names{"SHA256SUMS.asc", "SHA256SUMS.gpg",
                                                 "SHA256SUMS.sig", "SHA256SUMS.sign",
                                                 "SHA256SUMS.minisig"});
    CHECK(signature_names("sha256sum.txt").back() == "sha256sum.sig");
    CHECK(signature_names(".txt").size() == 5);
    CHECK(image_signature_names("a.img") ==
          Names{"a.img.asc", "a.img.sig", "a.img.gpg", "a.img.sign", "a.img.minisig"});
    CHECK(image_signature_names("").empty());
    CHECK(weak_document_names("a.img") == Names{"a.img.md5", "MD5SUMS", "SHA1SUMS"});
}

TEST_CASE("lists of a directory get newer together, what vouches for one file for itself",
          "[verify][discovery]") {
    const auto place = [](const char* proof) {
        return freshness_place(Url::parse(proof), "a.img");
    };
    CHECK(place("https://u:p@Example.org/d/SHA256SUMS?t=1") == "https://example.org/d/");
    CHECK(place("https://example.org/d/CHECKSUM.SHA512") == "https://example.org/d/");
    CHECK(place("https://example.org/d/a.img.sha256") == "https://example.org/d/a.img");
    CHECK(place("https://example.org/d/a.img.asc") == "https://example.org/d/a.img");
    CHECK(place("http://example.org/SHA256SUMS") == "http://example.org/");
}
