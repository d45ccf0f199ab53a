// Every call starts or asks a program; every one listens to the stop.

#include "transfer/library.hh"

namespace slipway::transfer {

verify::Library::Answer ProgramLibrary::fetch(const Url& url, std::uint64_t limit_bytes,
                                              bool look_again) {
    return supply_.document(url, limit_bytes, look_again ? fetch::Cache::LookAgain : cache_);
}

void ProgramLibrary::expect(const std::vector<Ahead>& next, bool look_again) {
    supply_.expect(next, look_again ? fetch::Cache::LookAgain : cache_);
}

verify::ChecksumFile ProgramLibrary::read(std::string_view document, std::string_view document_name,
                                          std::string_view file_name) {
    return verify::read_checksum_file(document, document_name, file_name, stop_);
}

verify::SignatureReport ProgramLibrary::check_detached(std::string_view statement,
                                                       std::string_view signature) {
    return checker_.check_detached(statement, signature, stop_);
}

verify::SignatureReport ProgramLibrary::check_clearsigned(std::string_view document) {
    return checker_.check_clearsigned(document, stop_);
}

verify::SignatureReport ProgramLibrary::foresee(std::string_view signature) {
    return checker_.foresee(signature, stop_);
}

void ProgramLibrary::seen(std::string_view name, int status, std::string_view text) {
    report_.proof({std::string(name), status, std::string(text)});
}

void ProgramLibrary::debug(std::string_view text) {
    report_.log(LogLevel::Debug, std::string(text));
}

void ProgramLibrary::warn(std::string_view text) {
    report_.log(LogLevel::Warning, std::string(text));
}

} // namespace slipway::transfer
