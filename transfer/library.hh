// What judging asks of the world, answered with programs: slipway-fetch brings documents,
// slipway-unpack reads them, slipway-check checks signatures.

#pragma once

#include <stop_token>

#include "fetch/fetcher.hh"
#include "transfer/report.hh"
#include "transfer/supply.hh"
#include "verify/checker.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

class ProgramLibrary final : public verify::Library {
public:
    /// @param supply  where documents come from; must outlive this
    /// @param cache   LookAgain: every document is asked for past caches
    ProgramLibrary(Supply& supply, fetch::Cache cache, const verify::SignatureChecker& checker,
                   Report& report, std::stop_token stop)
        : supply_(supply), cache_(cache), checker_(checker), report_(report),
          stop_(std::move(stop)) {}

    Answer fetch(const Url& url, std::uint64_t limit_bytes, bool look_again) override;
    void expect(const std::vector<Ahead>& next, bool look_again) override;
    verify::ChecksumFile read(std::string_view document, std::string_view document_name,
                              std::string_view file_name) override;
    verify::SignatureReport check_detached(std::string_view statement,
                                           std::string_view signature) override;
    verify::SignatureReport check_clearsigned(std::string_view document) override;
    verify::SignatureReport foresee(std::string_view signature) override;
    void seen(std::string_view name, int status, std::string_view text) override;
    void debug(std::string_view text) override;
    void warn(std::string_view text) override;

private:
    Supply& supply_;
    fetch::Cache cache_;
    const verify::SignatureChecker& checker_;
    Report& report_;
    std::stop_token stop_;
};

} // namespace slipway::transfer
