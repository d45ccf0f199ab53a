// slipway keys check

#include "base/outcome.hh"
#include "cli/commands.hh"
#include "cli/key_check.hh"
#include "verify/checker.hh"

namespace slipway::cli {

int cmd_keys_check(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const verify::KeyStore store = verify::load_key_store(options.keys.root);
    const verify::KeyList list = verify::SignatureChecker(store.files).list_keys({});
    const auto findings = check_keys(store, list, std::chrono::system_clock::now());
    print_result(console, options.json == JsonForm::Off
                              ? key_findings(findings)
                              : key_findings_json(findings, pretty_json(options, console)));
    return findings.empty() ? 0 : exit_status(Kind::Other);
}

} // namespace slipway::cli
