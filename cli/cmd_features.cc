// slipway features: every program that meets bytes from outside is asked itself.

#include <array>
#include <chrono>
#include <csignal>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/feature_list.hh"

namespace slipway::cli {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr std::uint64_t kLongestAnswer = 64 * KiB;

// What a program that could not answer said on its standard error.
std::string problem(const ChildExit& exit, const std::string& said) {
    const std::string line = said.substr(0, said.find('\n'));
    return line.empty() ? exit.description() : relayed(line);
}

ProgramFeatures ask(const std::string& program, std::vector<std::string> arguments) {
    ProgramFeatures answer{program, "", ""};
    try {
        const Fd out = make_memfd();
        ChildSpec spec;
        spec.program = find_program(program);
        spec.arguments = std::move(arguments);
        spec.fds = {{out.get(), STDOUT_FILENO}};
        spec.capture_stderr = true;
        ChildProcess child(spec);
        const auto exit = child.wait_for(kPatience);
        if (!exit) {
            answer.problem = fmt::format("gave no answer within {} s", kPatience.count());
        } else if (!exit->success()) {
            answer.problem = problem(*exit, child.stderr_tail());
        } else {
            answer.json = read_all(out.get(), kLongestAnswer);
        }
    } catch (const Error& error) {
        answer.problem = error.what();
    }
    return answer;
}

} // namespace

int cmd_features(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const std::vector<ProgramFeatures> answers{
        ask("slipway-fetch", {"features"}),
        ask("slipway-unpack", {"features"}),
        ask("slipway-check", {"features"}),
        ask("slipway-transfer", {"features", options.pool.string()}),
    };
    print_result(console,
                 options.json == JsonForm::Off
                     ? feature_list(features_of(answers), options.legend, console.out_is_terminal)
                     : feature_list_json(answers, pretty_json(options, console)));
    return 0;
}

} // namespace slipway::cli
