// The publishers of the world, one row each: where their images lie, what vouches for them, in
// which names, grammar and kind of signature. Everything a loopback site needs to stand in for
// them.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/outcome.hh"

namespace slipway::tests {

/// What the bytes at the URL are, whatever its suffix says.
struct ImageShape {
    enum class Content {
        System,
        NestedSystem, ///< beneath "root.x86_64", beside a list of packages
        Disk,
        Qcow2,
        DiskInTar, ///< a tar that holds disk.raw
    };
    Content content = Content::System;
    std::string codec = {}; ///< ".xz"; empty: as it is
    bool padded = false;    ///< zeros behind the end
};

/// How a document writes its lines.
enum class Grammar {
    Gnu,           ///< "HEX  NAME"
    GnuBinary,     ///< "HEX *NAME"
    OneSpace,      ///< "HEX NAME"
    Bsd,           ///< "SHA256 (NAME) = HEX"
    BsdSizes,      ///< the same behind "# NAME: N bytes"
    BsdTwice,      ///< the same behind "NAME: N bytes", everything twice
    Sections,      ///< "# SHA512 HASH" before GNU lines
    BuildSections, ///< Gentoo in 2022: "# BLAKE2 (b2sum) HASH", names are absolute build paths
    Bare,          ///< "HEX"
};

enum class SignatureKind {
    Armored,  ///< OpenPGP, detached
    Binary,   ///< the same in binary
    InPlace,  ///< the document itself is clearsigned, under its own name
    Copy,     ///< a clearsigned copy beside the document
    Minisign, ///< also what signify reads
    Usign,    ///< of OpenWrt: what signify writes, by a key that nobody here has
    Smime,
};

struct SignatureFile {
    SignatureKind kind = SignatureKind::Armored;
    std::string name = {}; ///< "{}" is the image's file name; empty: the document's
};

struct ChecksumDocument {
    std::string name; ///< "{}" is the image's file name
    Grammar grammar = Grammar::Gnu;
    std::vector<std::string> algorithms = {"sha256"}; ///< as coreutils call them: "b2"
    std::vector<SignatureFile> signatures = {};
    std::string alias = {};               ///< the document calls the image so
    std::vector<std::string> others = {}; ///< further files it lists
};

/// How transfers from the publisher end.
struct ExpectedWords {
    using Word = std::optional<VerdictWord>; ///< nothing: there is nothing that could be changed
    Word good = VerdictWord::Verified;
    Word image_changed = VerdictWord::DigestMismatch; ///< one byte of it
    Word digest_changed = VerdictWord::BadSignature;  ///< in the documents, signatures left
    Word foreign_key = VerdictWord::UnknownKey;       ///< it signs everything
    Word nothing_beside = VerdictWord::NoChecksum;    ///< neither documents nor signatures
    Word signature_gone = VerdictWord::Unsigned;      ///< the documents are left
    Word checksum_asked = {};  ///< --verify=checksum where it is not the publisher's mode
    Word signature_asked = {}; ///< --verify=signature where it is not the publisher's mode
};

struct PublisherRow {
    std::string publisher;
    std::string url;
    ImageShape image = {};
    std::vector<ChecksumDocument> documents = {};
    std::vector<SignatureFile> over_image = {};
    std::string verify = "signature"; ///< the publisher's mode; "digest": on the command line
    ExpectedWords words = {};
    int missing = 404;              ///< how the host answers for what is not there
    std::string mirror = {};        ///< URL that the image is redirected to; proofs are not there
    std::string checksum_url = {};  ///< given on the command line
    std::string signature_url = {}; ///< the same: where the signature over the image lies instead
    /// Grammar and kind of signature are those of the row above: what they alone decide is not
    /// asked a second time.
    bool like_above = false;
    bool signs_with_subkey = false; ///< not with the primary key

    std::string host() const;
    /// "http://HOST/DIRECTORY/".
    std::string directory() const;
    /// As the server calls it: percent-decoded.
    std::string file() const;
    bool brings_disk() const noexcept;
    /// Whether minisign signs, not OpenPGP.
    bool uses_minisign() const noexcept;
};

const std::vector<PublisherRow>& publisher_rows();

/// Every host that a row names.
std::vector<std::string> publisher_hosts();

} // namespace slipway::tests
