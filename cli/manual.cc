// The manual page.

#include "cli/manual.hh"

#include <array>

#include <fmt/format.h>

#include "base/outcome.hh"
#include "base/roff.hh"
#include "cli/option_table.hh"
#include "cli/verb_table.hh"

namespace slipway::cli {
namespace {

// An option or an operand: the word bold, what is to be filled in italic.
std::string roff_option(const OptionSpec& option) {
    std::string out = option.letter == '\0' ? "" : fmt::format("\\fB\\-{}\\fR", option.letter);
    if (!option.name.empty()) {
        out += fmt::format("{}\\fB\\-\\-{}\\fR", out.empty() ? "" : ", ", roff(option.name));
    }
    if (option.value.empty()) {
        return out;
    }
    const std::string value = fmt::format("=\\fI{}\\fR", roff(option.value));
    return out + (option.value_optional ? "[" + value + "]" : value);
}

std::string paragraphs(std::string_view text) {
    std::string out;
    for (;;) {
        const std::size_t end = text.find("\n\n");
        out += roff(text.substr(0, end)) + "\n";
        if (end == std::string_view::npos) {
            return out;
        }
        out += ".sp\n";
        text.remove_prefix(end + 2);
    }
}

std::string verbs_section() {
    std::string out = ".SH VERBS\n";
    for (const VerbSpec& verb : verb_table()) {
        out +=
            fmt::format(".TP\n\\fB{}\\fR{}\\fI{}\\fR\n{}.\n", roff(verb.name),
                        verb.operands.empty() ? "" : " ", roff(verb.operands), roff(verb.summary));
        out += ".sp\n" + paragraphs(verb.manual);
    }
    return out;
}

// "Goes with pull-tar, import-tar.", or nothing when it goes with all.
std::string verbs_of(const OptionSpec& option) {
    std::string names;
    if (option.verbs != kEveryVerb) {
        for (const VerbSpec& verb : verb_table()) {
            if (contains(option.verbs, verb.verb)) {
                names += fmt::format("{}{}", names.empty() ? "" : ", ", verb.name);
            }
        }
    }
    return names.empty() ? "" : fmt::format(".sp\nGoes with {}.\n", roff(names));
}

std::string options_section() {
    std::string out = ".SH OPTIONS\nOptions may stand before and behind the verb and its operands; "
                      "\\(lq\\-\\-\\(rq ends them.\n";
    std::string_view group;
    for (const OptionSpec& option : option_table()) {
        if (option.group != group) {
            group = option.group;
            out += fmt::format(".SS {}\n", roff(group));
        }
        out += fmt::format(".TP\n{}\n{}.\n{}", roff_option(option), roff(described(option)),
                           verbs_of(option));
    }
    return out;
}

struct StatusRow {
    std::string_view word;
    int status;
    std::string_view meaning;
};

constexpr std::array kKinds{
#define KIND(name, word, status, meaning) StatusRow{word, status, meaning},
#include "base/outcome.def"
#undef KIND
};

constexpr std::array kVerdicts{
#define VERDICT(name, word, kind, status, bus_name, rank) StatusRow{word, status, ""},
#include "base/outcome.def"
#undef VERDICT
};

// What ends with this status; empty when nothing does.
std::string status_entry(int status) {
    std::string meanings;
    for (const StatusRow& row : kKinds) {
        if (row.status == status) {
            meanings += fmt::format("{}{}", meanings.empty() ? "" : "; ", row.meaning);
        }
    }
    std::string verdicts;
    for (const StatusRow& row : kVerdicts) {
        if (row.status == status) {
            verdicts += fmt::format("{}{}", verdicts.empty() ? "" : ", ", row.word);
        }
    }
    if (!verdicts.empty()) {
        meanings += fmt::format("{}verdict {}", meanings.empty() ? "" : "; ", verdicts);
    }
    return meanings.empty() ? "" : fmt::format(".TP\n{}\n{}.\n", status, roff(meanings));
}

std::string status_section() {
    constexpr int kLastStatus = 15;
    std::string out =
        ".SH EXIT STATUS\n.TP\n0\nWhat was asked for is done: the image is stored, on "
        "disk and whole.\n";
    for (int status = 1; status <= kLastStatus; ++status) {
        out += status == kExitCanceled
                   ? fmt::format(".TP\n{}\nsomebody else canceled the job.\n", status)
                   : status_entry(status);
    }
    return out + ".TP\n129, 130, 143\nended by SIGHUP, SIGINT (C\\-c), SIGTERM; nothing is left "
                 "behind. A transfer that goes on in the daemon is 1.\n";
}

constexpr std::string_view kDescription =
    ".SH DESCRIPTION\n"
    "Brings trees and disks of operating systems in over HTTP or from a file, checks them against "
    "what "
    "their publisher signed, and keeps them as images that \\fBsystemd\\-nspawn\\fR(1) and "
    "\\fBmachinectl\\fR(1) know.\n"
    ".sp\n"
    "The work is done by programs that trust each other no further than needed: one speaks to the "
    "network as a user without rights, one unpacks with the image in the making as its whole "
    "world, one judges signatures, and one, which reads no byte of the image, commits.\n"
    ".sp\n"
    "Where \\fBslipway\\-importd\\fR(8) answers on the system bus, or can be started by it, "
    "transfers are its jobs: it queues them, and they go on when this program ends. C\\-c then "
    "leaves the job running and says how to cancel it; the exit status is 1. Files to import are "
    "opened by the caller. \\fB\\-\\-keyring\\fR, limits, time\\-outs and "
    "\\fB\\-\\-privileged\\-xattrs\\fR are taken from root alone; what is not given is "
    "configured in \\fBimportd.conf\\fR(5). A daemon that is restarted meanwhile is waited for.\n"
    ".sp\n"
    "Where none answers, and with \\fB\\-\\-direct\\fR or \\fB\\-\\-pool\\fR, the work is "
    "done by children of this program, and C\\-c cancels it and leaves nothing behind.\n"
    ".sp\n"
    "On a terminal a transfer is one live line. Elsewhere it is plain lines on standard error. An "
    "error is one line that begins with \\(lqslipway: \\(rq.\n";

constexpr std::string_view kEnd =
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBhttp_proxy\\fR, \\fBhttps_proxy\\fR, \\fBall_proxy\\fR, \\fBno_proxy\\fR\n"
    "The proxy to use, as for \\fBcurl\\fR(1). The daemon never takes them from a caller: it is "
    "said when they do not count.\n"
    ".TP\n\\fBDBUS_SYSTEM_BUS_ADDRESS\\fR\n"
    "Where the bus is, unless it is at its usual place.\n"
    ".SH FILES\n"
    ".TP\n\\fI/var/lib/machines\\fR\nThe pool, unless \\fB\\-\\-pool\\fR says another.\n"
    ".TP\n\\fI/etc/slipway/keys.d\\fR, \\fI/run/slipway/keys.d\\fR, "
    "\\fI/usr/lib/slipway/keys.d\\fR\n"
    "Keys (.asc, .gpg, .pgp, .pub), and drop-ins (.conf) that pin them to URLs. A file hides those "
    "of the same name in later places; an empty one, or a link to \\fI/dev/null\\fR, masks "
    "them.\n"
    ".TP\n\\fI/etc/systemd/import\\-pubring.pgp\\fR, \\fI/etc/systemd/import\\-pubring.gpg\\fR, "
    "\\fI/usr/lib/systemd/import\\-pubring.pgp\\fR, \\fI/usr/lib/systemd/import\\-pubring.gpg\\fR\n"
    "The key rings of systemd\\-importd; all that exist are used together.\n"
    ".SH EXAMPLES\n"
    ".TP\nA signed tree, under the name \\(lqnoble\\(rq\n"
    ".EX\nslipway pull\\-tar https://cloud\\-images.ubuntu.com/noble/current/noble\\-server\\-"
    "cloudimg\\-amd64\\-root.tar.xz noble\n.EE\n"
    ".TP\nA signed disk, whatever its format\n"
    ".EX\nslipway pull\\-raw https://cloud.debian.org/images/cloud/bookworm/latest/debian\\-12\\-"
    "nocloud\\-amd64.qcow2 debian\n.EE\n"
    ".TP\nA publisher's key, which counts for this publisher alone\n"
    ".EX\nslipway keys add ubuntu.asc "
    "\\-\\-match=https://cloud\\-images.ubuntu.com/\n.EE\n"
    ".TP\nA container's file system\n"
    ".EX\ndocker export web | slipway import\\-tar \\- web\n.EE\n"
    ".TP\nA disk that arrives while nobody waits, and how it went\n"
    ".EX\nslipway pull\\-raw \\-\\-wait=no https://example.com/disk.raw.zst\n"
    "slipway history\n.EE\n"
    ".TP\nWhat is there, for a program\n"
    ".EX\nslipway list\\-images \\-\\-json=short\n.EE\n"
    ".SH SEE ALSO\n"
    "\\fBslipway\\-importd\\fR(8), \\fBimportd.conf\\fR(5), \\fBmachinectl\\fR(1), "
    "\\fBsystemd\\-nspawn\\fR(1), \\fBimportctl\\fR(1)\n";

} // namespace

std::string manual(std::string_view version) {
    return fmt::format(".\\\" Made from cli/verb_table.cc, cli/option_table.cc and "
                       "base/outcome.def.\n"
                       ".TH SLIPWAY 1 \"\" \"slipway {}\" \"slipway\"\n"
                       ".SH NAME\nslipway \\- bring operating\\-system images in, verify and keep "
                       "them\n"
                       ".SH SYNOPSIS\n\\fBslipway\\fR [\\fIOPTIONS\\fR...] \\fIVERB\\fR "
                       "[\\fIOPERANDS\\fR...]\n",
                       version) +
           std::string(kDescription) + verbs_section() + options_section() + status_section() +
           std::string(kEnd);
}

} // namespace slipway::cli
