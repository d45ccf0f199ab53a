// gpg(1) as a child with an argument vector; the text on its standard input, the signature from its
// standard output, both files without a name.

#include "cli/gpg_sign.hh"

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::cli {
namespace {

constexpr std::uint64_t kMostBytes = 1 * MiB; // a signature has some hundred

std::filesystem::path find_gpg() {
    const char* variable = std::getenv("PATH");
    std::istringstream directories(variable != nullptr ? variable : "/usr/bin:/bin");
    for (std::string directory; std::getline(directories, directory, ':');) {
        const std::filesystem::path candidate = std::filesystem::path(directory) / "gpg";
        if (!directory.empty() && ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    throw Error(Kind::NotFound, "there is no gpg; install it (Debian: gpg)");
}

std::string one_line(std::string text) {
    while (text.ends_with('\n')) {
        text.pop_back();
    }
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at)) {
        text.replace(at, 1, "; ");
    }
    return escaped(text);
}

} // namespace

std::string gpg_sign(std::string_view text, const std::string& key) {
    const Fd input = make_sealed_memfd(text);
    const Fd output = make_memfd();
    ChildSpec spec;
    spec.program = find_gpg();
    spec.arguments = {"--detach-sign", "--no-armor", "--output", "-"};
    if (!key.empty()) {
        spec.arguments.insert(spec.arguments.end(), {"--local-user", key});
    }
    spec.fds = {{input.get(), STDIN_FILENO}, {output.get(), STDOUT_FILENO}};
    spec.capture_stderr = true;
    ChildProcess gpg(spec);
    const ChildExit end = gpg.wait();
    std::string signature = read_all(output.get(), kMostBytes);
    if (!end.success() || signature.empty()) {
        throw Error(Kind::Untrusted, "gpg {}: {}", end.description(), one_line(gpg.stderr_tail()));
    }
    return signature;
}

} // namespace slipway::cli
