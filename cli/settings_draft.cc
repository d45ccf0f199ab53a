// A line is known by the number that it begins at; what continues it goes with it.

#include "cli/settings_draft.hh"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::cli {
namespace {

std::string make_template(const std::string& machine) {
    return fmt::format("# Settings of the machine {0}; systemd.nspawn(5) lists them all.\n"
                       "# What is not said here is as it is without this file.\n"
                       "\n"
                       "[Exec]\n"
                       "#Environment=NAME=value\n"
                       "#DropCapability=CAP_NET_RAW\n"
                       "\n"
                       "[Files]\n"
                       "#BindReadOnly=/srv/data:/mnt\n"
                       "\n"
                       "[Network]\n"
                       "#Port=tcp:8080:80\n",
                       machine);
}

class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {}

    bool at_end() const { return text_.empty(); }
    std::string_view next() {
        const std::size_t end = std::min(text_.find('\n'), text_.size());
        const std::string_view line = text_.substr(0, end);
        text_.remove_prefix(std::min(end + 1, text_.size()));
        return line;
    }

private:
    std::string_view text_;
};

std::string reduced(const machine::SettingsFile& file, std::string_view text) {
    std::string out =
        fmt::format("# From {}, of which not all counted.\n", escaped(file.path.native()));
    bool is_ignored = false;
    bool continues = false;
    Lines lines(text);
    for (unsigned number = 1; !lines.at_end(); ++number) {
        const std::string_view line = lines.next();
        const auto ignored =
            std::find_if(file.ignored.begin(), file.ignored.end(),
                         [number](const machine::IgnoredLine& one) { return one.line == number; });
        if (ignored != file.ignored.end()) {
            out += fmt::format("# Did not count: {}\n", escaped(ignored->reason));
        }
        is_ignored = ignored != file.ignored.end() || (continues && is_ignored);
        out += fmt::format("{}{}\n", is_ignored ? "#" : "", is_ignored ? escaped(line) : line);
        continues = line.ends_with('\\');
    }
    return out;
}

// However cunningly the file is written: trusted, the text says what the file said untrusted.
bool says_the_same(std::string_view text, const machine::SettingsFile& file) {
    try {
        const machine::SettingsFile read = read_settings(text, file.path, machine::Trust::Full);
        return read.settings == file.settings && read.ignored.empty();
    } catch (const Error&) {
        return false;
    }
}

} // namespace

std::string settings_draft(const std::string& machine, const machine::FoundSettings& found,
                           std::string_view text) {
    if (!found.file) {
        return make_template(machine);
    }
    if (found.file->trust == machine::Trust::Full) {
        return std::string(text);
    }
    const std::string draft =
        found.file->ignored.empty() ? std::string(text) : reduced(*found.file, text);
    return says_the_same(draft, *found.file) ? draft : make_template(machine);
}

} // namespace slipway::cli
