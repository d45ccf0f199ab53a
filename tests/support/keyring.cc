// gpg with --homedir: the caller's keys, configuration and agent are not touched.

#include "tests/support/keyring.hh"

#include <chrono>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace slipway::tests {

Keyring::Keyring() {
    std::filesystem::permissions(home_.path(), std::filesystem::perms::owner_all);
}

Keyring::~Keyring() {
    try {
        run({"gpgconf", "--homedir", home_.path().string(), "--kill", "all"});
        // The agent takes its sockets away last: until then the home would be removed beneath it.
        for (int i = 0; i < 500 && std::filesystem::exists(home_ / "S.gpg-agent"); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    } catch (const std::exception&) {
        // The home goes all the same, and an agent without a home ends by itself.
    }
}

std::string Keyring::gpg(std::vector<std::string> arguments, std::string_view input,
                         const std::string& time) {
    std::vector<std::string> command{"gpg",
                                     "--homedir",
                                     home_.path().string(),
                                     "--batch",
                                     "--yes",
                                     "--quiet",
                                     "--no-permission-warning",
                                     "--pinentry-mode",
                                     "loopback",
                                     "--passphrase",
                                     ""};
    if (!time.empty()) {
        command.insert(command.end(), {"--faked-system-time", time});
    }
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_ok(command, {.input = std::string(input),
                            .environment = {"GNUPGHOME=" + home_.path().string()},
                            .directory = {}});
}

// The fingerprint that gpg lists last: the primary's of a new key, the newest subkey's else.
std::string Keyring::last_fingerprint(const std::string& key) {
    std::istringstream lines(gpg({"--with-colons", "--list-keys", key}));
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("fpr:")) {
            last = line.substr(line.find_first_not_of("fpr:"));
            last.pop_back(); // fields end with a colon
        }
    }
    if (last.size() != 40) {
        throw std::runtime_error("gpg lists no fingerprint for " + key);
    }
    return last;
}

std::string Keyring::make_key(const KeySpec& spec) {
    gpg({"--quick-gen-key", spec.owner, spec.algorithm, "sign", spec.expires}, {}, spec.created);
    return last_fingerprint("=" + spec.owner);
}

std::string Keyring::add_signing_subkey(const std::string& primary, const KeySpec& spec) {
    gpg({"--quick-add-key", primary, spec.algorithm, "sign", spec.expires}, {}, spec.created);
    return last_fingerprint(primary);
}

void Keyring::revoke(const std::string& primary) {
    // gpg keeps a revocation with each key it makes, with a colon in front against accidents.
    std::string revocation = read_file(home_ / "openpgp-revocs.d" / (primary + ".rev"));
    revocation.erase(revocation.find(":-----BEGIN"), 1);
    gpg({"--import"}, revocation);
}

std::string Keyring::sign(std::string_view text, const SignSpec& spec, const std::string& how) {
    std::vector<std::string> arguments{"--allow-weak-digest-algos", "--digest-algo", spec.digest,
                                       spec.armored ? "--armor" : "--no-armor"};
    if (spec.expires != "never") {
        arguments.insert(arguments.end(), {"--default-sig-expire", spec.expires});
    }
    for (const std::string& key : spec.keys) {
        arguments.insert(arguments.end(), {"--local-user", key});
    }
    arguments.insert(arguments.end(), {"--output", "-", how, "-"});
    return gpg(arguments, text, spec.time);
}

std::string Keyring::sign_detached(std::string_view text, const SignSpec& spec) {
    return sign(text, spec, "--detach-sign");
}

std::string Keyring::clearsign(std::string_view text, const SignSpec& spec) {
    return sign(text, spec, "--clearsign");
}

std::string Keyring::export_binary(const std::vector<std::string>& keys) {
    std::vector<std::string> arguments{"--export"};
    arguments.insert(arguments.end(), keys.begin(), keys.end());
    return gpg(arguments);
}

std::string Keyring::export_armored(const std::vector<std::string>& keys) {
    std::vector<std::string> arguments{"--armor", "--export"};
    arguments.insert(arguments.end(), keys.begin(), keys.end());
    return gpg(arguments);
}

std::string Keyring::export_keybox() {
    return read_file(home_ / "pubring.kbx");
}

std::string Keyring::export_secret() {
    return gpg({"--export-secret-keys"});
}

} // namespace slipway::tests
