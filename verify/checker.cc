// Both questions go to a confined program of ours each; what comes back is read as values.

#include "verify/checker.hh"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "verify/document_request.hh"
#include "verify/helper.hh"
#include "verify/json.hh"
#include "verify/wire.hh"

namespace slipway::verify {
namespace {

using std::chrono::steady_clock;

// Longer than any document takes to read.
constexpr std::chrono::seconds kParsePatience{30};

struct OpenRing {
    std::string name;
    Fd file;
};

// Those that exist and are files; what is wrong with the others goes into `warnings`.
std::vector<OpenRing> open_rings(const std::vector<std::filesystem::path>& paths,
                                 std::vector<std::string>& warnings) {
    std::vector<OpenRing> rings;
    for (const std::filesystem::path& path : paths) {
        Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
        struct stat status {};
        if (!file && errno == ENOENT) {
            continue;
        }
        if (!file || ::fstat(file.get(), &status) < 0) {
            warnings.push_back(
                fmt::format("key ring {}: {}", quoted(path.string()), errno_text(errno)));
        } else if (!S_ISREG(status.st_mode)) {
            warnings.push_back(fmt::format("key ring {}: it is not a file", quoted(path.string())));
        } else {
            rings.push_back({path.string(), std::move(file)});
        }
    }
    return rings;
}

// The request in as many datagrams as the rings need; `documents` go with the first.
void send_request(Helper& helper, bool clearsigned, std::vector<int> documents,
                  const std::vector<OpenRing>& rings) {
    std::size_t sent = 0;
    bool first = true;
    do {
        const std::size_t end = std::min(sent + kRingsInOneMessage, rings.size());
        CheckMessage message{clearsigned, {}, end < rings.size()};
        for (; sent < end; ++sent) {
            message.rings.push_back(rings[sent].name);
            documents.push_back(rings[sent].file.get());
        }
        helper.send(to_json(message, first), documents);
        documents.clear();
        first = false;
    } while (sent < rings.size());
}

// A program's answer "error" as the Error that it stands for; nothing else is changed.
void throw_if_error(std::string_view answer, std::string_view program) {
    const nlohmann::json value = parse_object(answer, fmt::format("an answer of {}", program));
    if (value.value("answer", "") == "error") {
        throw Error(find_kind(value.value("kind", "")).value_or(Kind::Internal), "{}",
                    relayed(value.value("text", "")));
    }
}

SignatureReport ask(const std::vector<std::filesystem::path>& paths, std::string_view statement,
                    const std::string_view* signature, std::chrono::milliseconds patience,
                    const std::stop_token& stop) {
    std::vector<std::string> warnings;
    const std::vector<OpenRing> rings = open_rings(paths, warnings);
    const Fd statement_file = make_sealed_memfd(statement);
    const Fd signature_file = make_sealed_memfd(signature == nullptr ? "" : *signature);
    const Fd text = make_memfd();
    Helper helper("slipway-check", {}, steady_clock::now() + patience);
    std::vector<int> documents{statement_file.get()};
    if (signature != nullptr) {
        documents.push_back(signature_file.get());
    }
    documents.push_back(text.get());
    send_request(helper, signature == nullptr, std::move(documents), rings);
    const std::string answer = helper.receive(stop);
    throw_if_error(answer, "slipway-check");
    SignatureReport report = signature_report_from_json(answer);
    report.text = read_all(text.get(), kMaxDocumentBytes);
    report.warnings.insert(report.warnings.begin(), warnings.begin(), warnings.end());
    return report;
}

} // namespace

SignatureChecker::SignatureChecker(std::vector<std::filesystem::path> keyrings,
                                   std::chrono::milliseconds patience)
    : keyrings_(std::move(keyrings)), patience_(patience) {}

SignatureReport SignatureChecker::check(std::string_view statement,
                                        const std::string_view* signature,
                                        const std::stop_token& stop) const {
    try {
        return ask(keyrings_, statement, signature, patience_, stop);
    } catch (const Error& error) { // whatever failed: signatures cannot be checked
        throw Error(VerdictWord::EngineFailed, "cannot check signatures: {}; nothing was stored",
                    error.what());
    }
}

SignatureReport SignatureChecker::check_detached(std::string_view statement,
                                                 std::string_view signature,
                                                 std::stop_token stop) const {
    return check(statement, &signature, stop);
}

SignatureReport SignatureChecker::check_clearsigned(std::string_view document,
                                                    std::stop_token stop) const {
    return check(document, nullptr, stop);
}

ChecksumFile read_checksum_file(std::string_view document, std::string_view document_name,
                                std::string_view file_name, std::stop_token stop) {
    if (to_utf8(file_name) != file_name) {
        return {}; // no entry: documents are UTF-8, so that none can list this name
    }
    const Fd content = make_sealed_memfd(document);
    Helper helper("slipway-unpack", {"documents"}, steady_clock::now() + kParsePatience);
    helper.send(parse_document_request(document_name, file_name), {content.get()});
    const std::string answer = helper.receive(stop);
    throw_if_error(answer, "slipway-unpack");
    return checksum_file_from_json(answer);
}

} // namespace slipway::verify
