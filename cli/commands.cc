// What several verbs share.

#include "cli/commands.hh"

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::cli {

bool pretty_json(const Options& options, const Console& console) noexcept {
    return options.json == JsonForm::Pretty ||
           (options.json == JsonForm::Auto && console.out_is_terminal);
}

void print_error(Console& console, std::string_view text) {
    console.err.add(fmt::format("slipway: {}\n", relayed(text)));
}

} // namespace slipway::cli
