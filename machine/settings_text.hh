// The syntax of systemd's files (systemd.syntax(7)), one key at a time. importd.conf and its like
// are read by base/ini_text.hh; settings of machines are written for systemd-nspawn, which
// continues lines, takes long ones, and knows no comment behind a value: a ';' in one is the
// value's.

#pragma once

#include <functional>
#include <string_view>

#include "base/ini_text.hh"

namespace slipway::machine {

struct SettingsTextUser {
    /// Every Key=Value in the order of the text, by the line that it begins in.
    std::function<void(const IniKey&)> take;
    /// A line that is no such thing, and why; what is read goes on behind it.
    std::function<void(unsigned line, std::string_view why)> pass_over;
};

/// What either of both throws comes out at once.
void read_settings_text(std::string_view text, const SettingsTextUser& user);

} // namespace slipway::machine
