// Nothing is fetched: a map answers.

#include "tests/verify/publisher.hh"

#include <algorithm>

namespace slipway::tests {

Ending Publisher::judge(const stream::Digests& digests) {
    try {
        const Verdict verdict = gathered().judge(digests);
        return {verdict.word(), verdict.sentence()};
    } catch (const Error& error) {
        return {error.verdict(), error.what()};
    }
}

verify::Judge Publisher::gathered() {
    verify::Policy policy;
    policy.mode = mode;
    verify::Judge judge({.policy = policy,
                         .image = Url::parse(image_url),
                         .now = now,
                         .scope = scope,
                         .hints = hints});
    judge.gather(*this);
    return judge;
}

verify::Library::Answer Publisher::fetch(const Url& url, std::uint64_t limit_bytes,
                                         bool look_again) {
    const std::string name = url.file_name();
    requests.push_back(name);
    if (std::find(unreachable.begin(), unreachable.end(), name) != unreachable.end()) {
        throw Error(Kind::Network, "the connection was cut");
    }
    if (const auto status = statuses.find(name); status != statuses.end()) {
        return {status->second, {}, false};
    }
    const auto old = cached.find(name);
    const auto file = files.find(name);
    if (file == files.end()) {
        return {404, {}, false};
    }
    const std::string& content = old != cached.end() && !look_again ? old->second : file->second;
    return {200, content.substr(0, limit_bytes), content.size() > limit_bytes};
}

verify::ChecksumFile Publisher::read(std::string_view document, std::string_view document_name,
                                     std::string_view file_name) {
    return verify::parse_checksum_file(document, document_name, file_name,
                                       verify::place_of(document_name, file_name));
}

verify::SignatureChecker Publisher::signature_checker() {
    std::vector<std::filesystem::path> paths;
    for (std::size_t i = 0; i < rings.size(); ++i) {
        paths.push_back(ring_files_ / ("ring-" + std::to_string(i)));
        write_file(paths.back(), rings[i]);
    }
    return verify::SignatureChecker(paths);
}

verify::SignatureReport Publisher::check_detached(std::string_view statement,
                                                  std::string_view signature) {
    return signature_checker().check_detached(statement, signature, {});
}

void Publisher::expect(const std::vector<Ahead>& next, bool /*look_again*/) {
    expected.clear();
    for (const Ahead& ahead : next) {
        expected.push_back(ahead.url.file_name());
    }
}

verify::SignatureReport Publisher::foresee(std::string_view signature) {
    return signature_checker().foresee(signature, {});
}

void Publisher::seen(std::string_view name, int status, std::string_view text) {
    if (status == 200) {
        seen_lines.push_back(std::string(name) + ": " + std::string(text));
    }
}

verify::SignatureReport Publisher::check_clearsigned(std::string_view document) {
    return signature_checker().check_clearsigned(document, {});
}

const stream::Digests& right_digests() {
    static const stream::Digests digests{{stream::Algorithm::Sha256, std::string(64, 'a')},
                                         {stream::Algorithm::Sha384, std::string(96, 'a')},
                                         {stream::Algorithm::Sha512, std::string(128, 'a')},
                                         {stream::Algorithm::Blake2b, std::string(128, 'c')}};
    return digests;
}

const stream::Digests& wrong_digests() {
    static const stream::Digests digests{{stream::Algorithm::Sha256, std::string(64, 'f')},
                                         {stream::Algorithm::Sha384, std::string(96, 'f')},
                                         {stream::Algorithm::Sha512, std::string(128, 'f')},
                                         {stream::Algorithm::Blake2b, std::string(128, 'f')}};
    return digests;
}

std::string right_sums() {
    return right_digests().at(stream::Algorithm::Sha256) + "  a.img\n";
}

} // namespace slipway::tests
