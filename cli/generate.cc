// Prints what is made from the tables at build time: slipway(1) and the completions. Not installed.

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "cli/completion.hh"
#include "cli/manual.hh"

int main(int argc, char** argv) {
    const std::string_view what = argc == 2 ? argv[1] : "";
    try {
        std::string text;
        if (what == "manual") {
            text = slipway::cli::manual(SLIPWAY_VERSION);
        } else if (what == "bash") {
            text = slipway::cli::bash_completion();
        } else if (what == "zsh") {
            text = slipway::cli::zsh_completion();
        } else if (what == "fish") {
            text = slipway::cli::fish_completion();
        } else {
            std::fputs("usage: generate manual|bash|zsh|fish\n", stderr);
            return 2;
        }
        std::fputs(text.c_str(), stdout);
        return std::fflush(stdout) == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "generate: %s\n", error.what());
        return 1;
    }
}
