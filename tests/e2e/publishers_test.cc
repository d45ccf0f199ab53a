// Every publisher in its own layout, names, grammar and kind of signature, under its real URL: what
// is good is stored in the publisher's mode, what is not is refused with the right word before the
// image is asked for, and nothing is left. Prints one table.

#include <algorithm>

#include <fmt/format.h>

#include "tests/catch.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher_site.hh"
#include "tests/support/private_network.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::Request;
using slipway::transfer::VerdictReached;

namespace {

PublisherSite& site() {
    static const Scene first; // gives the process its temporary directory
    static PublisherSite one;
    return one;
}

// A column of the table.
struct Question {
    std::string title;
    Change change;
    ExpectedWords::Word ExpectedWords::*expected;
    std::string verify = {}; ///< empty: the publisher's mode

    bool is_about_bytes() const {
        return verify.empty() && (change == Change::Nothing || change == Change::ImageChanged);
    }
};

const std::vector<Question> kQuestions{
    {"as it is", Change::Nothing, &ExpectedWords::good},
    {"image byte", Change::ImageChanged, &ExpectedWords::image_changed},
    {"digest", Change::DigestChanged, &ExpectedWords::digest_changed},
    {"foreign key", Change::ForeignKey, &ExpectedWords::foreign_key},
    {"image alone", Change::NothingBeside, &ExpectedWords::nothing_beside},
    {"no signature", Change::SignatureGone, &ExpectedWords::signature_gone},
    {"=checksum", Change::Nothing, &ExpectedWords::checksum_asked, "checksum"},
    {"=signature", Change::Nothing, &ExpectedWords::signature_asked, "signature"},
};

std::string shown(ExpectedWords::Word word) {
    return word ? std::string(slipway::word(*word)) : "-";
}

// The widest of a column, for all rows.
std::size_t width(const Question& question) {
    std::size_t widest = question.title.size();
    for (const PublisherRow& row : publisher_rows()) {
        widest = std::max(widest, shown(row.words.*question.expected).size());
    }
    return widest;
}

class PrintedTable {
public:
    PrintedTable() {
        std::vector<std::string> titles;
        for (const Question& question : kQuestions) {
            titles.push_back(question.title);
        }
        print("publisher", "--verify=", titles);
    }

    void print(const std::string& publisher, const std::string& verify,
               const std::vector<std::string>& cells) const {
        std::string line = fmt::format("{:<27}  {:<9}", publisher, verify);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            line += fmt::format("  {:<{}}", cells[i], width(kQuestions[i]));
        }
        fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
        std::fflush(stdout);
    }
};

// "digest" stands for the image's digest on the command line, which is what changes then.
std::string verify_option(const PublisherRow& row, const Question& question) {
    if (!question.verify.empty() || row.verify != "digest") {
        return question.verify.empty() ? row.verify : question.verify;
    }
    std::string digest = published_image(row.image).digest("sha256");
    if (question.change == Change::DigestChanged) {
        digest[0] = digest[0] == '0' ? '1' : '0';
    }
    return digest;
}

Request request_for(const Scene& scene, const PublisherRow& row) {
    Request request = row.brings_disk() ? scene.pull_disk(row.url) : scene.pull(row.url);
    request.checksum_url = row.checksum_url;
    request.signature_url = row.signature_url;
    return request;
}

bool is_success(VerdictWord word) {
    return exit_status(word) == 0;
}

// A proof that fails costs no byte of the image, except where only the image can contradict it.
bool asks_for_image(const Question& question, VerdictWord word) {
    return is_success(word) || word == VerdictWord::DigestMismatch ||
           question.change == Change::ImageChanged;
}

void check_stored(const Scene& scene, const PublisherRow& row, const Request& request,
                  const FinishedJob& job, VerdictWord word) {
    REQUIRE(job.status == 0);
    CHECK(published_image(row.image).differences_in(scene) == Lines{});
    CHECK(scene.leftovers({row.brings_disk() ? "image.raw" : "image"}) == Lines{});
    const auto verdicts = job.all<VerdictReached>();
    REQUIRE(verdicts.size() == 1);
    CHECK(verdicts[0].word == slipway::word(word));
    if (request.verify == "signature") {
        CHECK(verdicts[0].key == site().signer(row).fingerprint());
    }
}

void check_not_stored(const Scene& scene, const PublisherRow& row, const Request& request,
                      const FinishedJob& job, VerdictWord word) {
    CHECK(job.status == exit_status(word));
    CHECK(scene.leftovers() == Lines{});
    REQUIRE(job.ended);
    CHECK(job.ended->verdict == slipway::word(word));
    CHECK(job.ended->status == exit_status(word));
    CHECK_THAT(job.text(), contains("nothing was stored"));
    const bool signed_mismatch = word == VerdictWord::DigestMismatch &&
                                 request.verify == "signature" &&
                                 row.words.digest_changed == VerdictWord::BadSignature;
    CHECK((job.text().find("tampered") != std::string::npos) == signed_mismatch);
}

// The word that the transfer ended with.
std::string ask(const PublisherRow& row, const Question& question, VerdictWord expected) {
    const Scene scene;
    site().offer(row, question.change);
    const TempDir keys;
    const std::filesystem::path ring = keys / site().signer(row).key_file_name("key");
    write_file(ring, site().signer(row).public_key());
    Request request = request_for(scene, row);
    request.verify = verify_option(row, question);
    request.keyrings = {ring};
    const FinishedJob job = run_job(request);
    INFO(row.publisher << ", " << question.title << ": " << job.err);
    if (is_success(expected)) {
        check_stored(scene, row, request, job, expected);
    } else {
        check_not_stored(scene, row, request, job, expected);
    }
    CHECK((site().image_requests() > 0) == asks_for_image(question, expected));
    const auto verdicts = job.all<VerdictReached>();
    return verdicts.empty() ? job.ended.value_or(transfer::Ended{}).verdict : verdicts[0].word;
}

} // namespace

TEST_CASE("every publisher's image is stored in the publisher's mode, and refused with the right "
          "word after each change",
          "[e2e][publishers]") {
    if (auto why = use_private_network()) {
        SKIP(*why);
    }
    static const PrintedTable table;
    for (const PublisherRow& row : publisher_rows()) {
        DYNAMIC_SECTION(row.publisher) {
            std::vector<std::string> cells;
            for (const Question& question : kQuestions) {
                const ExpectedWords::Word expected = row.words.*question.expected;
                if (row.like_above && !question.is_about_bytes()) {
                    cells.push_back(expected ? "\"" : "-");
                } else {
                    cells.push_back(expected ? ask(row, question, *expected) : "-");
                }
            }
            table.print(row.publisher, row.verify, cells);
        }
    }
}

namespace {

// All publishers' keys in /etc/slipway/keys.d, each bound to its publisher's place.
class KeysDirectory {
public:
    KeysDirectory() {
        std::filesystem::create_directories(kPlace);
        for (const PublisherRow& row : publisher_rows()) {
            if (row.verify == "signature") {
                bind(row);
            }
        }
    }
    ~KeysDirectory() { std::filesystem::remove_all(kPlace); }
    KeysDirectory(const KeysDirectory&) = delete;
    KeysDirectory& operator=(const KeysDirectory&) = delete;

private:
    static constexpr const char* kPlace = "/etc/slipway/keys.d";

    static void bind(const PublisherRow& row) {
        const Signer& signer = site().signer(row);
        const std::filesystem::path place = kPlace;
        const std::string file = signer.key_file_name(row.publisher);
        write_file(place / file, signer.public_key());
        write_file(place / (row.publisher + ".conf"),
                   fmt::format("[Key]\nFile={}\nFingerprint={}\nMatch={}\n", file,
                               signer.fingerprint(), row.directory()));
    }
};

const PublisherRow& row_of(const std::string& publisher) {
    const auto& rows = publisher_rows();
    return *std::find_if(rows.begin(), rows.end(), [&publisher](const PublisherRow& row) {
        return row.publisher == publisher;
    });
}

} // namespace

TEST_CASE(
    "every publisher's key counts at the place that it is bound to, with all others beside it",
    "[e2e][publishers]") {
    if (auto why = use_private_network()) {
        SKIP(*why);
    }
    site();
    const KeysDirectory keys;
    for (const PublisherRow& row : publisher_rows()) {
        if (row.verify != "signature" || row.like_above) {
            continue;
        }
        INFO(row.publisher);
        const Scene scene;
        site().offer(row);
        Request request = request_for(scene, row);
        request.verify = "signature";
        check_stored(scene, row, request, run_job(request), VerdictWord::Verified);
    }
}

TEST_CASE("G11: a key that is bound to another publisher's place counts for nothing here",
          "[e2e][publishers]") {
    if (auto why = use_private_network()) {
        SKIP(*why);
    }
    site();
    const KeysDirectory keys;
    const PublisherRow& row = row_of("AlmaLinux");
    site().offer(row, Change::Nothing, site().signer(row_of("Ubuntu cloud")));
    const Scene scene;
    Request request = request_for(scene, row);
    request.verify = "signature";
    check_not_stored(scene, row, request, run_job(request), VerdictWord::UnknownKey);
    CHECK(site().image_requests() == 0);
}

TEST_CASE("a place that a key is bound to takes its signature or nothing, whatever is asked for",
          "[e2e][publishers]") {
    if (auto why = use_private_network()) {
        SKIP(*why);
    }
    site();
    const KeysDirectory keys;
    const PublisherRow& row = row_of("Ubuntu cloud");
    site().offer(row, Change::SignatureGone);
    const Scene scene;
    Request request = request_for(scene, row);
    request.verify = "checksum";
    check_not_stored(scene, row, request, run_job(request), VerdictWord::Unsigned);
    CHECK(site().image_requests() == 0);
}

TEST_CASE("a clearsigned copy that says another thing than the document beside it is a conflict",
          "[e2e][publishers]") {
    if (auto why = use_private_network()) {
        SKIP(*why);
    }
    const PublisherRow& row = row_of("CentOS 7");
    site().offer(row);
    site().replace(row, "sha256sum.txt", std::string(64, '7') + "  " + row.file() + "\n");
    const Scene scene;
    const TempDir keys;
    write_file(keys / "key.asc", site().signer(row).public_key());
    Request request = request_for(scene, row);
    request.verify = "signature";
    request.keyrings = {keys / "key.asc"};
    check_not_stored(scene, row, request, run_job(request), VerdictWord::Conflict);
    CHECK(site().image_requests() == 0);
}
