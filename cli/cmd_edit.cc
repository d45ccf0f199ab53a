// slipway edit NAME

#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/ini_text.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/editor.hh"
#include "cli/settings_draft.hh"
#include "cli/settings_of_image.hh"
#include "storage/image_name.hh"

namespace slipway::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDirectory = "/etc/systemd/nspawn";

// Beside the file that it becomes; its name is that of no settings.
class Draft {
public:
    Draft(const std::string& name, const std::string& text) {
        std::error_code error;
        fs::create_directories(kDirectory, error);
        std::string path = fmt::format("{}/.{}.nspawn.XXXXXX", kDirectory, name);
        const Fd file(::mkostemp(path.data(), O_CLOEXEC));
        if (!file) {
            throw errno_error("cannot write in {}; nothing was changed", quoted(kDirectory));
        }
        path_ = path;
        write_all(file.get(), text);
    }
    ~Draft() {
        if (!is_kept_) {
            ::unlink(path_.c_str());
        }
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    const fs::path& path() const noexcept { return path_; }
    /// What the person has made of it, also where the editor put another file in its place.
    std::string text() const { return read_ini_file_if_exists(path_).value_or(""); }
    void keep() noexcept { is_kept_ = true; }

    /// In the place of the file, at once and for good.
    void become(const fs::path& file) {
        const Fd draft(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!draft || ::fchmod(draft.get(), 0644) < 0 || ::fsync(draft.get()) < 0 ||
            ::rename(path_.c_str(), file.c_str()) < 0) {
            throw errno_error("cannot write {}; it was left untouched", quoted(file.native()));
        }
        is_kept_ = true;
        const Fd directory(::open(kDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        ::fsync(directory.get());
    }

private:
    fs::path path_;
    bool is_kept_ = false;
};

void edit(const Draft& draft) {
    const std::vector<std::string> editor = find_editor();
    const ChildExit exit = run_editor(editor, draft.path());
    if (!exit.success()) {
        throw Error(Kind::Other, "the editor {} {}; nothing was changed", quoted(editor.front()),
                    exit.description());
    }
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == text.npos;
}

// @returns the lines that nothing knows
std::vector<machine::IgnoredLine> check(const std::string& text, const fs::path& file,
                                        Draft& draft) {
    try {
        return machine::read_settings(text, file, machine::Trust::Full).ignored;
    } catch (Error& error) {
        draft.keep();
        error.add_advice(
            fmt::format("; the file there was left untouched, and the draft lies in {}",
                        quoted(draft.path().native())));
        throw;
    }
}

} // namespace

int cmd_edit(const Invocation& asked, Console& console) {
    const std::string name(storage::ImageName::parse(asked.operands.front()).text());
    const ImageSettings before = find_settings_of(asked.options, name);
    const fs::path file = fs::path(kDirectory) / (name + ".nspawn");
    const std::string begun = settings_draft(name, before.found, before.text);
    Draft draft(name, begun);
    edit(draft);
    const std::string text = draft.text();
    if (text == begun || is_blank(text)) {
        print_error(console, is_blank(text) ? "the draft is empty; nothing was changed"
                                            : "nothing was changed");
        return 0;
    }
    for (const machine::IgnoredLine& ignored : check(text, file, draft)) {
        print_error(console, machine::text_of(ignored, file));
    }
    draft.become(file);
    if (!asked.options.quiet) {
        print_error(console, fmt::format("{} counts from the machine's next start on",
                                         quoted(file.native())));
    }
    return 0;
}

} // namespace slipway::cli
