// importd.conf(5) and the commented sample, from the table of keys.

#include <fmt/format.h>

#include "base/roff.hh"
#include "jobs/config_table.hh"

namespace slipway::jobs {
namespace {

constexpr std::size_t kSampleWidth = 78;

std::string bold(std::string_view text) {
    return "\\fB" + roff(text) + "\\fR";
}

// "The help (bytes; default: 4)", each part only where there is one.
std::string described(const KeySpec& key) {
    std::string behind(key.unit);
    if (!key.fallback.empty()) {
        behind += fmt::format("{}default: {}", behind.empty() ? "" : "; ", key.fallback);
    }
    return behind.empty() ? std::string(key.help) : fmt::format("{} ({})", key.help, behind);
}

// Comment lines of at most kSampleWidth bytes.
std::string commented(std::string_view text) {
    std::string out;
    std::string line = "#";
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        if (line.size() + 1 + word.size() > kSampleWidth) {
            out += line + "\n";
            line = "#";
        }
        line += " " + std::string(word);
    }
    return out + line + "\n";
}

constexpr std::string_view kDescription =
    ".SH SYNOPSIS\n"
    "\\fI/etc/slipway/importd.conf\\fR\n.br\n"
    "\\fI/etc/slipway/importd.conf.d/*.conf\\fR\n.br\n"
    "\\fI/run/slipway/importd.conf.d/*.conf\\fR\n.br\n"
    "\\fI/usr/lib/slipway/importd.conf.d/*.conf\\fR\n"
    ".SH DESCRIPTION\n"
    "What \\fBslipway\\-importd\\fR(8) does where its callers do not say. Every file may be "
    "missing. "
    "The first is read first, then the others in the order of their names, whatever their "
    "directory; what is read later counts. Of files of one name only that in /etc is read, else "
    "that in /run; an empty one, or a link to /dev/null, masks the others.\n"
    ".sp\n"
    "The form is that of \\fBsystemd.syntax\\fR(7): sections, keys, comments that begin with # or "
    ";. Lines are not continued and have at most 197 bytes; a ; behind a blank begins a comment as "
    "well. An empty value puts the default back. Unknown keys and sections are passed over with a "
    "warning. Anything else that is wrong is an error that names file and line: the daemon does "
    "not start, or goes on with what it had when it was told to read the files again "
    "(\\fBsystemctl reload slipway\\-importd\\fR, SIGHUP). Jobs that run already keep what they "
    "were started with.\n";

constexpr std::string_view kEnd =
    ".SH EXAMPLES\n"
    ".TP\nOne pull at a time, through a proxy, with half a megabyte a second at most\n"
    ".EX\n[Transfers]\nRunning=1\nBandwidth=512K\n\n[Network]\nAllProxy=http://proxy.example:3128\n"
    "NoProxy=localhost,.example\n.EE\n"
    ".SH SEE ALSO\n"
    "\\fBslipway\\-importd\\fR(8), \\fBslipway\\fR(1), \\fBsystemd.syntax\\fR(7)\n";

} // namespace

std::string config_manual(std::string_view version) {
    std::string out = fmt::format(".\\\" Made from jobs/config_table.cc.\n"
                                  ".TH IMPORTD.CONF 5 \"\" \"slipway {}\" \"slipway\"\n"
                                  ".SH NAME\nimportd.conf \\- configuration of slipway\\-importd\n",
                                  version) +
                      std::string(kDescription);
    for (const std::string& section : config_sections()) {
        out += fmt::format(".SH [{}]\n", roff(section));
        for (const KeySpec& key : key_table()) {
            if (key.section == section) {
                out += fmt::format(".TP\n{}=\\fI{}\\fR\n{}.\n", bold(key.name), roff(key.value),
                                   roff(described(key)));
            }
        }
    }
    return out + std::string(kEnd);
}

std::string config_sample() {
    std::string out = "# Configuration of slipway-importd: see importd.conf(5). What is commented "
                      "out is the\n# default. Better than here is a file of your own in "
                      "importd.conf.d/.\n";
    for (const std::string& section : config_sections()) {
        out += fmt::format("\n[{}]\n", section);
        for (const KeySpec& key : key_table()) {
            if (key.section == section) {
                out += fmt::format("{}#{}={}\n", commented(described(key) + "."), key.name,
                                   key.fallback);
            }
        }
    }
    return out;
}

} // namespace slipway::jobs
