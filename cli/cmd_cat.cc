// slipway cat NAME...

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/settings_of_image.hh"

namespace slipway::cli {
namespace {

// A terminal obeys more than letters, and the file may be anybody's.
std::string for_terminal(std::string text) {
    std::replace_if(
        text.begin(), text.end(),
        [](char byte) {
            return (static_cast<unsigned char>(byte) < 0x20 && byte != '\n' && byte != '\t') ||
                   byte == '\x7F';
        },
        '?');
    return text;
}

void tell(const ImageSettings& settings, Console& console) {
    if (!settings.error.empty()) {
        print_error(console, "no machine starts with this: " + settings.error);
    }
    for (const machine::IgnoredLine& ignored : settings.found.file->ignored) {
        print_error(console, machine::text_of(ignored, settings.found.file->path));
    }
    for (const std::filesystem::path& path : settings.found.outranked) {
        print_error(console, fmt::format("{} is not read: the file above stands in its place",
                                         quoted(path.native())));
    }
}

} // namespace

int cmd_cat(const Invocation& asked, Console& console) {
    std::string text;
    for (const std::string& name : asked.operands) {
        const ImageSettings settings = find_settings_of(asked.options, name);
        if (!settings.found.file) {
            throw Error(Kind::NotFound,
                        "there are no settings for {}, neither in /etc/systemd/nspawn and "
                        "/run/systemd/nspawn nor beside the image; 'slipway edit' makes some",
                        quoted(name));
        }
        text += fmt::format("{}# {}\n{}", text.empty() ? "" : "\n",
                            escaped(settings.found.file->path.native()), settings.text);
        text += text.ends_with('\n') ? "" : "\n";
        if (!asked.options.quiet) {
            tell(settings, console);
        }
    }
    print_result(console, console.out_is_terminal ? for_terminal(std::move(text)) : text);
    return 0;
}

} // namespace slipway::cli
