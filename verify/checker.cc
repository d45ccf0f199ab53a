// Both questions go to a confined program of ours each; what comes back is read as values.

#include "verify/checker.hh"

#include <utility>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "verify/check_call.hh"
#include "verify/document_request.hh"

namespace slipway::verify {
namespace {

using std::chrono::steady_clock;

// Longer than any document takes to read.
constexpr std::chrono::seconds kParsePatience{30};

struct Asked {
    std::string answer;
    std::vector<std::string> warnings; ///< of key files that could not be opened
};

Asked ask(const SignatureChecker& checker, CheckForm form, const std::vector<int>& documents,
          const std::stop_token& stop) {
    Asked asked;
    const std::vector<OpenRing> rings = open_rings(checker.keyrings(), asked.warnings);
    Helper helper("slipway-check", {}, steady_clock::now() + checker.patience());
    send_check(helper, form, documents, rings);
    asked.answer = helper.receive(stop);
    throw_if_error(asked.answer, "slipway-check");
    return asked;
}

// The report with the warnings of both sides.
SignatureReport ask_for_report(const SignatureChecker& checker, CheckForm form,
                               const std::vector<int>& documents, const std::stop_token& stop) {
    const Asked asked = ask(checker, form, documents, stop);
    SignatureReport report = signature_report_from_json(asked.answer);
    report.warnings.insert(report.warnings.begin(), asked.warnings.begin(), asked.warnings.end());
    return report;
}

} // namespace

SignatureChecker::SignatureChecker(std::vector<std::filesystem::path> keyrings,
                                   std::chrono::milliseconds patience)
    : keyrings_(std::move(keyrings)), patience_(patience) {}

SignatureReport SignatureChecker::check_detached(std::string_view statement,
                                                 std::string_view signature,
                                                 std::stop_token stop) const {
    return or_engine_failed([&] {
        const Fd statement_file = make_sealed_memfd(statement);
        const Fd signature_file = make_sealed_memfd(signature);
        return ask_for_report(*this, CheckForm::Detached,
                              {statement_file.get(), signature_file.get()}, stop);
    });
}

SignatureReport SignatureChecker::check_clearsigned(std::string_view document,
                                                    std::stop_token stop) const {
    return or_engine_failed([&] {
        const Fd document_file = make_sealed_memfd(document);
        const Fd text = make_memfd();
        SignatureReport report =
            ask_for_report(*this, CheckForm::Clearsigned, {document_file.get(), text.get()}, stop);
        report.text = read_all(text.get(), kMaxDocumentBytes);
        return report;
    });
}

SignatureReport SignatureChecker::foresee(std::string_view signature, std::stop_token stop) const {
    return or_engine_failed([&] {
        const Fd signature_file = make_sealed_memfd(signature);
        return ask_for_report(*this, CheckForm::Foresee, {signature_file.get()}, stop);
    });
}

KeyList SignatureChecker::list_keys(std::stop_token stop) const {
    return or_engine_failed([&] {
        const Fd listed = make_memfd();
        const Asked asked = ask(*this, CheckForm::ListKeys, {listed.get()}, stop);
        KeyList list = key_list_from_json(read_all(listed.get(), kMaxKeyListBytes));
        list.warnings.insert(list.warnings.begin(), asked.warnings.begin(), asked.warnings.end());
        return list;
    });
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
