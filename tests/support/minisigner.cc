// Secret keys have no password: nothing is asked for.

#include "tests/support/minisigner.hh"

#include <vector>

namespace slipway::tests {
namespace {

// Debian's name, and everybody else's.
std::string signify() {
    return run({"which", "signify-openbsd"}).status == 0 ? "signify-openbsd" : "signify";
}

} // namespace

Minisigner::Minisigner(Tool tool) : tool_(tool) {
    const std::string public_file = (directory_ / "key.pub").string();
    const std::string secret_file = (directory_ / "key.sec").string();
    if (tool == Tool::Signify) {
        run_ok({signify(), "-G", "-n", "-c", "Publisher", "-p", public_file, "-s", secret_file});
    } else {
        run_ok({"minisign", "-G", "-W", "-p", public_file, "-s", secret_file});
    }
    public_key_ = read_file(public_file);
}

std::string Minisigner::number() const {
    if (tool_ == Tool::Signify) {
        return "";
    }
    const std::string said = comment();
    const std::string digits = said.substr(said.rfind(' ') + 1);
    return std::string(16 - digits.size(), '0') + digits; // minisign drops zeros in front
}

std::string Minisigner::comment() const {
    constexpr std::string_view kLead = "untrusted comment: ";
    return public_key_.substr(kLead.size(), public_key_.find('\n') - kLead.size());
}

std::string Minisigner::sign(std::string_view text, const How& how) {
    const std::string message = (directory_ / "message").string();
    const std::string signature = (directory_ / "message.sig").string();
    const std::string secret_file = (directory_ / "key.sec").string();
    write_file(message, std::string(text));
    if (tool_ == Tool::Signify) {
        run_ok({signify(), "-S", "-s", secret_file, "-m", message, "-x", signature});
        return read_file(signature);
    }
    std::vector<std::string> command{"minisign", "-S",    "-s", secret_file,
                                     "-m",       message, "-x", signature};
    if (how.legacy) {
        command.emplace_back("-l");
    }
    if (!how.trusted_comment.empty()) {
        command.insert(command.end(), {"-t", how.trusted_comment});
    }
    run_ok(command);
    return read_file(signature);
}

} // namespace slipway::tests
