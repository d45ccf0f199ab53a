// The script is a file beside a hard link of slipway, which looks there for its keeper first.

#include "tests/cli/stand_in.hh"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::tests {
namespace {

void link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code error;
    std::filesystem::create_hard_link(from, to, error);
    if (error) {
        std::filesystem::copy_file(from, to);
    }
}

} // namespace

StandIn::StandIn(const std::string& script) {
    link_or_copy(program("slipway"), directory_ / "slipway");
    const std::filesystem::path keeper = directory_ / "slipway-transfer";
    write_file(keeper, "#!/bin/sh\ncd \"${0%/*}\" || exit 99\nread -r request\n"
                       "printf '%s\\n' \"$request\" >request\n" +
                           script);
    for (const std::string name : {"go", "told"}) {
        if (::mkfifo((directory_ / name).c_str(), 0600) < 0) {
            throw errno_error("cannot make a fifo");
        }
    }
    std::filesystem::permissions(keeper, std::filesystem::perms::owner_all);
}

std::vector<std::string> StandIn::pull(const std::vector<std::string>& options) const {
    std::vector<std::string> command{slipway(), "pull-tar", "http://h/web.tar.xz"};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

std::string says(const transfer::Event& event) {
    std::string json = transfer::to_json(event);
    for (std::size_t at = 0; (at = json.find('\'', at)) != std::string::npos; at += 4) {
        json.replace(at, 1, "'\\''");
    }
    return fmt::format("printf '%s\\n' '{}'\n", json); // built into sh: fast
}

transfer::Started started_pull(const std::string& name) {
    return {"0123456789abcdef", "pull-tar", name, "http://h/web.tar.xz"};
}

transfer::Ended done_pull(const std::string& name) {
    transfer::Ended end;
    end.outcome = transfer::Outcome::Done;
    end.status = 0;
    end.name = name;
    end.path = "/pool/" + name;
    end.type = "directory";
    return end;
}

transfer::Ended failed(int status, const std::string& text) {
    transfer::Ended end;
    end.status = status;
    end.text = text;
    return end;
}

transfer::Ended canceled() {
    transfer::Ended end;
    end.outcome = transfer::Outcome::Canceled;
    end.status = 9;
    end.text = "pulling 'web': canceled; nothing was stored";
    return end;
}

} // namespace slipway::tests
