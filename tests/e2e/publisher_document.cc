// Writers of checksum documents: each grammar with the noise that its publishers put around it.

#include <fmt/format.h>

#include "tests/e2e/publisher_site.hh"

namespace slipway::tests {
namespace {

struct Entry {
    std::string name;
    std::string digest;
    std::size_t size_bytes;
};

std::string upper_case(std::string text) {
    for (char& c : text) {
        c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return text;
}

std::string bsd_word(const std::string& algorithm) {
    return algorithm == "b2" ? "BLAKE2b" : upper_case(algorithm);
}

std::string section(Grammar grammar, const std::string& algorithm) {
    switch (grammar) {
    case Grammar::Sections:
        return fmt::format("# {} HASH\n", upper_case(bsd_word(algorithm)));
    case Grammar::BuildSections:
        return algorithm == "b2" ? "# BLAKE2 (b2sum) HASH\n"
                                 : fmt::format("# {} HASH\n", upper_case(algorithm));
    default:
        return "";
    }
}

std::string line(Grammar grammar, const std::string& algorithm, const Entry& entry) {
    const std::string bsd =
        fmt::format("{} ({}) = {}\n", bsd_word(algorithm), entry.name, entry.digest);
    switch (grammar) {
    case Grammar::Gnu:
    case Grammar::Sections:
        return fmt::format("{}  {}\n", entry.digest, entry.name);
    case Grammar::BuildSections:
        return fmt::format("{}  /release/buildroot/amd64-dev/{}\n", entry.digest, entry.name);
    case Grammar::GnuBinary:
        return fmt::format("{} *{}\n", entry.digest, entry.name);
    case Grammar::OneSpace:
        return fmt::format("{} {}\n", entry.digest, entry.name);
    case Grammar::Bsd:
        return bsd;
    case Grammar::BsdSizes:
        return fmt::format("# {}: {} bytes\n{}", entry.name, entry.size_bytes, bsd);
    case Grammar::BsdTwice:
        return fmt::format("{0}: {1} bytes\n{2}{0}: {1} bytes\n{2}", entry.name, entry.size_bytes,
                           bsd);
    case Grammar::Bare:
        break;
    }
    return entry.digest + "\n";
}

// Nobody has this file.
std::string other_digest(const std::string& digest) {
    return std::string(digest.size(), '7');
}

bool is_list(const ChecksumDocument& document) {
    return document.name.find("{}") == std::string::npos;
}

} // namespace

std::string document_text(const ChecksumDocument& document, const PublisherRow& row,
                          const PublishedImage& image) {
    const std::string name = document.alias.empty() ? row.file() : document.alias;
    std::vector<std::string> others = document.others;
    if (is_list(document)) { // names that contain ours are other files
        others.insert(others.end(), {row.file() + ".manifest", "x" + row.file()});
    }
    std::string text;
    for (const std::string& algorithm : document.algorithms) {
        const std::string& digest = image.digest(algorithm);
        text += section(document.grammar, algorithm);
        for (const std::string& other : others) {
            text += line(document.grammar, algorithm,
                         {fmt::format(fmt::runtime(other), row.file()), other_digest(digest), 17});
        }
        text += line(document.grammar, algorithm, {name, digest, image.bytes().size()});
    }
    return text;
}

} // namespace slipway::tests
