// slipway keys list

#include <fmt/format.h>

#include "cli/commands.hh"
#include "cli/key_text.hh"
#include "verify/checker.hh"

namespace slipway::cli {

int cmd_keys_list(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const verify::KeyStore store = verify::load_key_store(options.keys.root);
    const verify::KeyList list = verify::SignatureChecker(store.files).list_keys({});
    print_result(console, options.json == JsonForm::Off
                              ? key_list(list, store, options.legend, console.out_is_terminal)
                              : key_list_json(list, store, pretty_json(options, console)));
    for (const std::vector<std::string>& warnings : {list.warnings, store.warnings}) {
        for (const std::string& warning : warnings) {
            console.err.add(fmt::format("warning: {}\n", warning));
        }
    }
    return 0;
}

} // namespace slipway::cli
