// Behaves as systemd's config_parse(): a line whose last backslash is not itself escaped goes on in
// the next one, with a blank in its place; comments between the two are passed over.

#include "machine/settings_text.hh"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/quoted.hh"

namespace slipway::machine {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

bool is_continued(std::string_view line) {
    const std::size_t last_other = line.find_last_not_of('\\');
    const std::size_t backslashes = line.size() - (last_other == line.npos ? 0 : last_other + 1);
    return backslashes % 2 == 1;
}

class Reading {
public:
    explicit Reading(const SettingsTextUser& user) : user_(user) {}

    // @param line  with continuations joined
    void take(std::string_view line, unsigned number) {
        line = trimmed(line);
        if (line.empty()) {
            return;
        }
        if (line.find('\0') != line.npos || to_utf8(line) != line) {
            user_.pass_over(number, "it is not text in UTF-8");
        } else if (line.front() == '[') {
            take_section(line, number);
        } else {
            take_key(line, number);
        }
    }

private:
    void take_section(std::string_view line, unsigned number) {
        section_ = line.back() == ']' ? line.substr(1, line.size() - 2) : std::string_view();
        if (line.back() != ']') {
            user_.pass_over(number, "it is a section without its ']'");
        }
    }

    void take_key(std::string_view line, unsigned number) {
        const std::size_t equals = line.find('=');
        if (equals == line.npos || equals == 0) {
            user_.pass_over(number, "it is neither a [Section] nor Key=Value");
        } else if (section_.empty()) {
            user_.pass_over(number, "it is in no section");
        } else {
            user_.take({section_, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)),
                        number});
        }
    }

    const SettingsTextUser& user_;
    std::string section_;
};

} // namespace

void read_settings_text(std::string_view text, const SettingsTextUser& user) {
    Reading reading(user);
    std::string joined;      // what is to be continued
    unsigned first_line = 0; // of it; 0: nothing is
    for (unsigned number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line = number == 1 && line.starts_with("\xEF\xBB\xBF") ? line.substr(3) : line;
        line = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
        const std::string_view content = trimmed(line);
        if (content.starts_with('#') || content.starts_with(';')) {
            continue;
        }
        first_line = first_line == 0 ? number : first_line;
        if (is_continued(line)) {
            joined.append(line.substr(0, line.size() - 1)) += ' ';
            continue;
        }
        reading.take(joined.append(line), first_line);
        joined.clear();
        first_line = 0;
    }
    reading.take(joined, first_line);
}

} // namespace slipway::machine
