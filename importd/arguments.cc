// getopt_long(3) is enough for a handful of options that take no part in completions.

#include "importd/arguments.hh"

#include <string_view>

#include <fmt/format.h>
#include <getopt.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::importd {
namespace {

constexpr const char* kHelp =
    "slipway-importd [OPTIONS]\n"
    "Brings images in as a service: queues transfer jobs for slipway, machinectl and importctl.\n"
    "\n"
    "  --config=FILE       configuration, with drop-ins in FILE.d "
    "(/etc/slipway/importd.conf)\n"
    "  --state=DIR         where the queue and the history are kept (/var/lib/slipway)\n"
    "  --cache=DIR         where downloads are kept (/var/cache/slipway)\n"
    "  --runtime=DIR       where running jobs tell of themselves (/run/slipway)\n"
    "  --import1=auto|yes|no\n"
    "                      whether to answer as org.freedesktop.import1, too\n"
    "  --machine1=auto|no  whether to answer as org.freedesktop.machine1, where no\n"
    "                      systemd-machined is installed\n"
    "  --no-idle-exit      go on when there is nothing to do\n"
    "  --debug             say more on standard error\n"
    "  --help, --version\n";

Import1Name parse_import1(std::string_view word) {
    if (word == "auto") {
        return Import1Name::Auto;
    }
    if (word != "yes" && word != "no") {
        throw Error(Kind::InvalidArgument, "--import1 is {}; expected auto, yes or no",
                    quoted(word));
    }
    return word == "yes" ? Import1Name::Yes : Import1Name::No;
}

Machine1Name parse_machine1(std::string_view word) {
    if (word != "auto" && word != "no") {
        throw Error(Kind::InvalidArgument, "--machine1 is {}; expected auto or no", quoted(word));
    }
    return word == "auto" ? Machine1Name::Auto : Machine1Name::No;
}

} // namespace

std::optional<Arguments> parse_arguments(int argc, char** argv) {
    enum : int {
        Config = 256,
        State,
        Cache,
        Runtime,
        Import1,
        Machine1,
        NoIdleExit,
        Debug,
        Help,
        Version
    };
    static const option kOptions[]{{"config", required_argument, nullptr, Config},
                                   {"state", required_argument, nullptr, State},
                                   {"cache", required_argument, nullptr, Cache},
                                   {"runtime", required_argument, nullptr, Runtime},
                                   {"import1", required_argument, nullptr, Import1},
                                   {"machine1", required_argument, nullptr, Machine1},
                                   {"no-idle-exit", no_argument, nullptr, NoIdleExit},
                                   {"debug", no_argument, nullptr, Debug},
                                   {"help", no_argument, nullptr, Help},
                                   {"version", no_argument, nullptr, Version},
                                   {}};
    Arguments arguments;
    ::opterr = 0;
    for (int found = 0; (found = ::getopt_long(argc, argv, "", kOptions, nullptr)) >= 0;) {
        switch (found) {
        case Config:
            arguments.config = optarg;
            break;
        case State:
            arguments.state = optarg;
            break;
        case Cache:
            arguments.cache = optarg;
            break;
        case Runtime:
            arguments.runtime = optarg;
            break;
        case Import1:
            arguments.import1 = parse_import1(optarg);
            break;
        case Machine1:
            arguments.machine1 = parse_machine1(optarg);
            break;
        case NoIdleExit:
            arguments.exits_on_idle = false;
            break;
        case Debug:
            arguments.debug = true;
            break;
        case Help:
            fmt::print("{}", kHelp);
            return std::nullopt;
        case Version:
            fmt::print("slipway-importd {}\n", SLIPWAY_VERSION);
            return std::nullopt;
        default:
            throw Error(Kind::InvalidArgument,
                        "{} is no option, or lacks its value; slipway-importd --help lists them",
                        quoted(argv[optind - 1]));
        }
    }
    if (optind < argc) {
        throw Error(Kind::InvalidArgument,
                    "{} is not expected: slipway-importd takes options alone",
                    quoted(argv[optind]));
    }
    return arguments;
}

} // namespace slipway::importd
