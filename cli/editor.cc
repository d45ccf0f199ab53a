// A signal that is ignored would be ignored in the editor, too; one that is handled is not.

#include "cli/editor.hh"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/setting_values.hh"

namespace slipway::cli {
namespace {

namespace fs = std::filesystem;

// Empty: there is no such program.
std::string find_in_path(const std::string& name) {
    if (name.find('/') != name.npos) {
        return ::access(name.c_str(), X_OK) == 0 ? name : "";
    }
    const char* path = ::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        const fs::path place = fs::path(rest.substr(0, end)) / name;
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (place.is_absolute() && ::access(place.c_str(), X_OK) == 0) {
            return place;
        }
    }
    return "";
}

void do_nothing(int) {}

} // namespace

std::vector<std::string> find_editor() {
    for (const char* variable : {"SLIPWAY_EDITOR", "VISUAL", "EDITOR"}) {
        const char* value = ::getenv(variable);
        std::vector<std::string> words = machine::parse_words(value == nullptr ? "" : value);
        if (words.empty()) {
            continue;
        }
        const std::string program = find_in_path(words.front());
        if (program.empty()) {
            throw Error(Kind::NotFound,
                        "there is no editor {}, which ${} names; nothing was changed",
                        quoted(words.front()), variable);
        }
        words.front() = program;
        return words;
    }
    for (const char* name : {"editor", "nano", "vi"}) {
        if (const std::string program = find_in_path(name); !program.empty()) {
            return {program};
        }
    }
    throw Error(Kind::NotFound,
                "there is no editor: neither editor, nano nor vi is installed; name "
                "one in $EDITOR");
}

ChildExit run_editor(const std::vector<std::string>& editor, const fs::path& file) {
    struct sigaction handled {};
    handled.sa_handler = do_nothing;
    ::sigaction(SIGINT, &handled, nullptr);
    ::sigaction(SIGQUIT, &handled, nullptr);
    ChildSpec spec{.program = editor.front(),
                   .arguments = {editor.begin() + 1, editor.end()},
                   .fds = {{STDIN_FILENO, STDIN_FILENO},
                           {STDOUT_FILENO, STDOUT_FILENO},
                           {STDERR_FILENO, STDERR_FILENO}},
                   .environment = {}};
    spec.arguments.push_back(file.native());
    return ChildProcess(spec).wait();
}

} // namespace slipway::cli
