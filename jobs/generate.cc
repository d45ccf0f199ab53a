// Prints what is made from the table of keys at build time: importd.conf(5) and the sample. Not
// installed.

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include "jobs/config_table.hh"

int main(int argc, char** argv) {
    const std::string_view what = argc == 2 ? argv[1] : "";
    try {
        std::string text;
        if (what == "manual") {
            text = slipway::jobs::config_manual(SLIPWAY_VERSION);
        } else if (what == "sample") {
            text = slipway::jobs::config_sample();
        } else {
            std::fputs("usage: generate-config manual|sample\n", stderr);
            return 2;
        }
        std::fputs(text.c_str(), stdout);
        return std::fflush(stdout) == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "generate-config: %s\n", error.what());
        return 1;
    }
}
