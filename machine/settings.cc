// One line after the other goes to its setting, or to the list of those that do not count.

#include "machine/settings.hh"

#include <algorithm>

#include "base/error.hh"
#include "base/nearest.hh"
#include "base/quoted.hh"
#include "machine/setting_table.hh"
#include "machine/settings_text.hh"

namespace slipway::machine {
namespace {

std::string unknown(const IniKey& key) {
    std::vector<std::string> known;
    for (const SettingSpec& spec : setting_table()) {
        if (spec.section == key.section) {
            known.emplace_back(spec.name);
        }
    }
    if (known.empty()) {
        return fmt::format("there is no section {}", quoted(key.section));
    }
    const auto near = nearest(key.name, known);
    return fmt::format("there is no such setting in [{}]{}", key.section,
                       near ? ". Was " + *near + " meant?" : "");
}

bool has_control(std::string_view value) {
    return std::any_of(value.begin(), value.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) < 0x20 && byte != '\t') || byte == '\x7F';
    });
}

class Reading {
public:
    Reading(const std::filesystem::path& path, Trust trust)
        : file_{.path = path, .trust = trust, .settings = {}, .ignored = {}} {}

    void take(const IniKey& key) {
        const SettingSpec* spec = find_setting(key.section, key.name);
        if (spec == nullptr) {
            ignore(key.line, key.name, unknown(key));
        } else if (file_.trust == Trust::Full) {
            take_trusted(*spec, key);
        } else {
            take_untrusted(*spec, key);
        }
    }

    void pass_over(unsigned line, std::string_view why) {
        if (file_.trust == Trust::Full) {
            throw Error(Kind::InvalidArgument, "{}:{}: {}", escaped(file_.path.native()), line,
                        why);
        }
        ignore(line, "", std::string(why));
    }

    SettingsFile finish() && {
        file_.settings = std::move(draft_.settings);
        try {
            set_network(file_.settings, draft_.network);
        } catch (Error& error) {
            error.add_context("{}: [Network]", escaped(file_.path.native()));
            throw;
        }
        return std::move(file_);
    }

private:
    void set(const SettingSpec& spec, std::string_view value) {
        if (has_control(value)) {
            throw Error(Kind::InvalidArgument, "{} holds a control character", quoted(value));
        }
        spec.set(draft_, spec.name, value);
    }

    void take_trusted(const SettingSpec& spec, const IniKey& key) {
        try {
            set(spec, key.value);
        } catch (Error& error) {
            error.add_context("{}:{}: {}=", escaped(file_.path.native()), key.line, spec.name);
            throw;
        }
    }

    void take_untrusted(const SettingSpec& spec, const IniKey& key) {
        const bool harmless = spec.is_harmless != nullptr && spec.is_harmless(key.value);
        if (!spec.danger.empty() && !harmless) {
            ignore(key.line, spec.name, fmt::format("it would {}", spec.danger));
            return;
        }
        try {
            set(spec, key.value);
        } catch (const Error& error) {
            ignore(key.line, spec.name, error.what());
        }
    }

    void ignore(unsigned line, std::string_view setting, std::string reason) {
        file_.ignored.push_back(
            {.line = line, .setting = std::string(setting), .reason = std::move(reason)});
    }

    SettingsFile file_;
    SettingsDraft draft_;
};

} // namespace

std::string text_of(const IgnoredLine& ignored, const std::filesystem::path& file) {
    if (ignored.line == 0) {
        return fmt::format("{} is ignored: {}", quoted(file.native()), ignored.reason);
    }
    return fmt::format("{}:{}: {} is ignored: {}", escaped(file.native()), ignored.line,
                       ignored.setting.empty() ? "the line" : escaped(ignored.setting) + "=",
                       ignored.reason);
}

SettingsFile read_settings(std::string_view text, const std::filesystem::path& path, Trust trust) {
    Reading reading(path, trust);
    read_settings_text(
        text,
        {.take = [&](const IniKey& key) { reading.take(key); },
         .pass_over = [&](unsigned line, std::string_view why) { reading.pass_over(line, why); }});
    return std::move(reading).finish();
}

} // namespace slipway::machine
