// The grammar of checksum documents: the table of docs/verification.md, line by line.

#include <string>
#include <vector>

#include "base/error.hh"
#include "tests/catch.hh"
#include "verify/checksum_file.hh"
#include "verify/document_request.hh"

using namespace slipway;
using namespace slipway::verify;
using stream::Algorithm;

namespace {

const std::string k32(32, 'c');
const std::string k64(64, 'a');
const std::string k64b(64, 'b');
const std::string k96(96, 'd');
const std::string k128(128, 'e');

ChecksumFile in_list(std::string_view text, std::string_view file = "a.img") {
    return parse_checksum_file(text, "SHA256SUMS", file, Place::List);
}

ChecksumFile in_sidecar(std::string_view text, std::string_view file = "a.img") {
    return parse_checksum_file(text, std::string(file) + ".sha256", file, Place::Sidecar);
}

// What the document says about our file, shortly: "sha256:aaa…:1", "-" for what counts for nothing.
std::string summary(const ChecksumFile& file) {
    std::string text;
    for (const ChecksumEntry& entry : file.entries) {
        text += entry.algorithm ? stream::word(*entry.algorithm) : "-";
        text += ':' + entry.digest.substr(0, 2) + ':' + std::to_string(entry.line) + ' ';
    }
    return file.problem.empty() ? text : "problem";
}

struct Row {
    std::string text;
    std::string in_list;
    std::string in_sidecar;
};

std::string bsd(const std::string& word, const std::string& hex) {
    return word + " (a.img) = " + hex + '\n';
}

} // namespace

TEST_CASE("every line of the grammar table reads as the table says", "[verify][grammar]") {
    const std::string upper(64, 'A');
    const std::vector<Row> table{
        {k64 + "  a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + " *a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + " a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + "  ./a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + "  ././a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + "  a.img\r\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + "  a.img  \t\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {upper + "  a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + "  a.img", "sha256:aa:1 ", "sha256:aa:1 "},
        {"\xEF\xBB\xBF" + k64 + "  a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {"\n\n" + k64 + "  a.img\n", "sha256:aa:3 ", "sha256:aa:3 "},
        {k64 + "  dir/a.img\n", "", "sha256:aa:1 "},
        {k64 + "  xa.img\n", "", "sha256:aa:1 "},
        {k64 + "  a.img.manifest\n", "", ""},
        {k64 + "\ta.img\n", "problem", "problem"},
        {" " + k64 + "  a.img\n", "problem", "problem"},
        {bsd("SHA512", k128), "sha512:ee:1 ", "sha512:ee:1 "},
        {"SHA2-512(a.img)= " + k128, "sha512:ee:1 ", "sha512:ee:1 "},
        {bsd("sha256", k64), "sha256:aa:1 ", "sha256:aa:1 "},
        {bsd("SHA384", k96), "sha384:dd:1 ", "sha384:dd:1 "},
        {bsd("BLAKE2b", k128), "blake2b:ee:1 ", "blake2b:ee:1 "},
        {bsd("SHA256", k128), "problem", "problem"},
        {bsd("SHA512/256", k64), "-:aa:1 ", "-:aa:1 "},
        {bsd("SHA3-256", k64), "-:aa:1 ", "-:aa:1 "},
        {bsd("BLAKE2b-256", k64), "-:aa:1 ", "-:aa:1 "},
        {bsd("BLAKE3", k64), "-:aa:1 ", "-:aa:1 "},
        {bsd("MD5", k32), "-:cc:1 ", "-:cc:1 "},
        {k128 + "  a.img\n", "sha512:ee:1 ", "sha512:ee:1 "},
        {k96 + "  a.img\n", "sha384:dd:1 ", "sha384:dd:1 "},
        {"# BLAKE2B HASH\n" + k128 + "  a.img\n", "blake2b:ee:2 ", "blake2b:ee:2 "},
        {"# BLAKE2 (b2sum) HASH\n" + k128 + "  a.img\n", "blake2b:ee:2 ", "blake2b:ee:2 "},
        {"# SHA512 HASH\n" + k128 + "  a.img\n", "sha512:ee:2 ", "sha512:ee:2 "},
        {"# WHIRLPOOL HASH\n" + k128 + "  a.img\n", "-:ee:2 ", "-:ee:2 "},
        {"# SHA512 HASH\n" + k64 + "  a.img\n", "problem", "problem"},
        {"# MD5 HASH\n" + k32 + "  a.img\n# SHA512 HASH\n" + k128 + "  a.img\n",
         "-:cc:2 sha512:ee:4 ", "-:cc:2 sha512:ee:4 "},
        {k128, "problem", "sha512:ee:1 "},
        {k64 + "\n", "problem", "sha256:aa:1 "},
        {k64 + "\n" + k64b + "\n", "problem", "problem"},
        {"# a.img: 123 bytes\n" + k64 + "  a.img\n", "sha256:aa:2 ", "sha256:aa:2 "},
        {"a.img: 123 bytes\n" + k64 + "  a.img\n", "sha256:aa:2 ", "sha256:aa:2 "},
        {"[ OK ] built\n" + k64 + "  a.img\n", "sha256:aa:2 ", "sha256:aa:2 "},
        {k64 + "  a-20260207.img\n", "", "sha256:aa:1 "},
        {k64 + "  a.img\n" + k64 + "  a.img\n", "sha256:aa:1 ", "sha256:aa:1 "},
        {k64 + "  a.img\n" + k64b + "  a.img\n", "sha256:aa:1 sha256:bb:2 ",
         "sha256:aa:1 sha256:bb:2 "},
        {k32 + "  a.img\n", "-:cc:1 ", "-:cc:1 "},
        {"<!DOCTYPE html>" + k64 + "  a.img\n", "problem", "problem"},
        {"\n  <?xml?>\n" + k64 + "  a.img\n", "problem", "problem"},
        {k64 + "  a.img\n" + std::string(1, '\0'), "problem", "problem"},
        {k64 + "  a.img\n\xFF\n", "problem", "problem"},
        {"", "problem", "problem"},
        {"\n \n", "problem", "problem"},
    };
    for (const Row& row : table) {
        INFO("document: " << row.text);
        CHECK(summary(in_list(row.text)) == row.in_list);
        CHECK(summary(in_sidecar(row.text)) == row.in_sidecar);
    }
}

TEST_CASE("a document called b2sums.txt gives BLAKE2b, not SHA-512", "[verify][grammar]") {
    const auto read = [](const std::string& text) {
        return summary(parse_checksum_file(text, "b2sums.txt", "a.img", Place::List));
    };
    CHECK(read(k128 + "  a.img\n") == "blake2b:ee:1 ");
    CHECK(read(k64 + "  a.img\n") == "problem");
    CHECK(read("SHA512 (a.img) = " + k128 + "\n") == "sha512:ee:1 ");
}

TEST_CASE("a line that begins with a backslash has its name unescaped", "[verify][grammar]") {
    CHECK(summary(in_list("\\" + k64 + "  a\\\\b.img\n", "a\\b.img")) == "sha256:aa:1 ");
    CHECK(summary(in_list("\\" + k64 + "  a\\nb.img\n", "a\nb.img")) == "sha256:aa:1 ");
    CHECK(summary(in_list("\\SHA256 (a\\\\b.img) = " + k64 + "\n", "a\\b.img")) == "sha256:aa:1 ");
    CHECK(summary(in_list(k64 + "  a\\\\b.img\n", "a\\b.img")).empty());
    CHECK(summary(in_list("\\" + k64 + "  a\\tb.img\n", "a\tb.img")) == "problem");
}

TEST_CASE("a name in parentheses reaches to the last one", "[verify][grammar]") {
    CHECK(summary(in_list("SHA256 (a (1).img) = " + k64 + "\n", "a (1).img")) == "sha256:aa:1 ");
    CHECK(summary(in_list(k64 + "  a (1).img\n", "a (1).img")) == "sha256:aa:1 ");
    CHECK(summary(in_list(k64 + " (a)= b.img\n", "(a)= b.img")) == "sha256:aa:1 ");
}

TEST_CASE("D3: a longer or shorter name that contains ours is another file", "[verify][grammar]") {
    for (const std::string name : {"a.img.xz", "xa.img", "a.im", "A.IMG", "a.img "}) {
        const ChecksumFile file = in_list(k64b + "  other\n" + k64 + "  " + name + "x\n");
        CHECK(file.entries.empty());
        CHECK(file.others == 2);
    }
}

TEST_CASE("D18: a name is compared decoded, byte for byte", "[verify][grammar]") {
    for (const std::string name : {"a b.img", "a:b+c.img", "größe.img", "a%20b.img", "'a'.img"}) {
        CHECK(summary(in_list(k64 + "  " + name + "\n", name)) == "sha256:aa:1 ");
    }
    CHECK(summary(in_list(k64 + "  a b.img\n", "a%20b.img")).empty());
}

TEST_CASE("D17: a sidecar that names one other file speaks of ours, a list does not",
          "[verify][grammar]") {
    const ChecksumFile rocky =
        in_sidecar("# a-20260207.img: 12 bytes\nSHA256 (a-20260207.img) = " + k64 +
                   "\nSHA256 (a-20260207.img) = " + k64 + "\n");
    CHECK(summary(rocky) == "sha256:aa:2 ");
    CHECK(rocky.alias == "a-20260207.img");
    CHECK_FALSE(in_list(k64 + "  a-20260207.img\n").alias);
}

TEST_CASE("the alias rule looks past companions and gives up on two names", "[verify][grammar]") {
    const std::string gentoo =
        "# SHA512 HASH\n" + k128 + "  /build/s.tar.xz\n" + k128 + "  /build/s.tar.xz.CONTENTS.gz\n";
    CHECK(in_sidecar(gentoo).alias == "/build/s.tar.xz");
    CHECK(in_sidecar(gentoo).entries.size() == 1);
    CHECK_FALSE(in_sidecar(k64 + "  b.img\n" + k64 + "  c.img\n").alias);
    CHECK_FALSE(in_sidecar(k64 + "  a.img\n" + k64 + "  c.img\n").alias);
    CHECK_FALSE(in_sidecar(k64 + "  b.img\n" + k64 + "  bx.img\n").alias);
    CHECK(in_sidecar(k64 + "  a.img.CONTENTS.gz\n" + k64 + "  b.img\n").alias == "b.img");
}

TEST_CASE("what is not a checksum document shows how it starts", "[verify][grammar]") {
    CHECK(in_list("<!DOCTYPE html><title>\x1b[31m</title>").problem ==
          "is not a checksum document: starts with '<!DOCTYPE html><title>\\x1b[31m</title>'");
    CHECK(in_list("").problem == "is not a checksum document: it is empty");
    CHECK(in_list("hello\n").problem == "is not a checksum document: no line of it gives a file's "
                                        "digest; it starts with 'hello\\n'");
    CHECK(in_list(std::string(kMaxDocumentBytes + 1, 'x')).problem ==
          "is not a checksum document: it is larger than 4.0M");
}

TEST_CASE("D15: outside a clearsigned block nothing is read", "[verify][grammar]") {
    const std::string text = k64 + "  a.img\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n" +
                             k64b + "  b.img\n-----BEGIN PGP SIGNATURE-----\n" + k64 +
                             "  a.img\n-----END PGP SIGNATURE-----\n" + k64 + "  a.img\n";
    const ChecksumFile file = in_list(text);
    CHECK(file.clearsigned);
    CHECK(file.problem.empty());
    CHECK(file.entries.empty());
    CHECK(file.others == 1);
    CHECK(summary(in_list(text, "b.img")) == "sha256:bb:1 ");
}

TEST_CASE("D16: dash-escapes and trailing blanks in a clearsigned block are undone",
          "[verify][grammar]") {
    const std::string text = "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n- # "
                             "SHA256 HASH\r\n" +
                             k64 + "  a.img \t\r\n- -----\r\n" +
                             "-----BEGIN PGP SIGNATURE-----\r\n\r\n-----END PGP SIGNATURE-----\r\n";
    CHECK(summary(in_list(text)) == "sha256:aa:2 ");
    CHECK(in_list(text).ignored_lines == 1);
}

TEST_CASE("what a document repeats without end stays bounded", "[verify][grammar]") {
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text += "X" + std::to_string(i) + " (a.img) = " + k64 + "\n";
        text += fmt::format("{:064x}  a.img\n", i);
    }
    const ChecksumFile file = in_list(text);
    CHECK(file.entries.size() == 16);
    CHECK(to_json(file).size() < 128 * 1024);
    CHECK(in_list(k64 + "  " + std::string(2000, 'n') + "\n").problem != "");
}

TEST_CASE("a read document comes through JSON unchanged", "[verify][protocol]") {
    const ChecksumFile file =
        in_sidecar("noise\n" + k64 + "  b\x1b[1m.img\nMD5 (b\x1b[1m.img) = " + k32 + "\n");
    const ChecksumFile back = checksum_file_from_json(to_json(file));
    CHECK(summary(back) == "sha256:aa:2 -:cc:3 ");
    CHECK(back.alias == file.alias);
    CHECK(back.entries[1].algorithm_word == "MD5");
    CHECK(back.entries[1].name == "b\x1b[1m.img");
    CHECK(back.ignored_lines == 1);
    CHECK(back.others == 0);
    CHECK(checksum_file_from_json(to_json(in_list("<p>"))).problem == in_list("<p>").problem);
}

TEST_CASE("an impossible answer about a document is refused", "[verify][protocol]") {
    for (const std::string json :
         {R"([])", R"({"problem": ""})", R"(nonsense)",
          R"({"problem":"","clearsigned":false,"entries":[{"algorithm":"sha256","word":"x",
              "digest":"00","name":"a","line":1}],"others":0,"ignored_lines":0})",
          R"({"problem":"","clearsigned":false,"entries":[{"algorithm":"rot13","word":"x",
              "digest":"00","name":"a","line":1}],"others":0,"ignored_lines":0})"}) {
        CHECK_THROWS_AS(checksum_file_from_json(json), Error);
    }
}

TEST_CASE("a request to read a document is answered in the program's words", "[verify][protocol]") {
    const std::string request = parse_document_request("SHA256SUMS", "a.img");
    const auto file = checksum_file_from_json(
        answer_document_request(request, k64 + "  a.img\n" + k64 + "  b.img\n", ""));
    CHECK(summary(file) == "sha256:aa:1 ");
    CHECK(file.others == 1);
    const std::string sidecar = parse_document_request("a.img.sha256", "a.img");
    CHECK(summary(checksum_file_from_json(answer_document_request(sidecar, k64, ""))) ==
          "sha256:aa:1 ");
    for (const std::string bad : {"", "{}", R"({"protocol":2,"do":"parse-document"})"}) {
        CHECK_THAT(answer_document_request(bad, "", ""), contains(R"("answer":"error")"));
    }
}
