// slipway, the command line: reads what is asked, and turns whatever goes wrong into one line and
// an exit status.

#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/url.hh"
#include "cli/commands.hh"
#include "cli/console.hh"
#include "cli/parse.hh"

namespace {

using namespace slipway;

// A standard descriptor that is closed would be the number of the next file that is opened.
void open_standard_fds() noexcept {
    int fd = 0; // each goes to the lowest free number
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = ::open("/dev/null", O_RDWR);
    }
    ::close(fd);
}

// Anybody can read a process's arguments (ps(1)): passwords and tokens go as soon as they are
// known to us.
void hide_secrets(std::span<char*> arguments) {
    for (char* argument : arguments) {
        const std::size_t size = std::strlen(argument);
        const std::string masked = mask_urls(argument);
        if (masked != argument) {
            std::memset(argument, 0, size);
            masked.copy(argument, size);
        }
    }
}

int run(std::span<const std::string> arguments, cli::Console& console) {
    const cli::Invocation asked = cli::parse(arguments);
    if (asked.options.debug) {
        enable_debug_log("slipway");
    }
    switch (asked.verb) {
    case cli::Verb::PullTar:
        return cli::cmd_pull_tar(asked, console);
    case cli::Verb::PullRaw:
        return cli::cmd_pull_raw(asked, console);
    case cli::Verb::Verify:
        return cli::cmd_verify(asked, console);
    case cli::Verb::ImportTar:
        return cli::cmd_import_tar(asked, console);
    case cli::Verb::ImportRaw:
        return cli::cmd_import_raw(asked, console);
    case cli::Verb::ImportFs:
        return cli::cmd_import_fs(asked, console);
    case cli::Verb::ListImages:
        return cli::cmd_list_images(asked, console);
    case cli::Verb::ImageStatus:
        return cli::cmd_image_status(asked, console);
    case cli::Verb::ShowImage:
        return cli::cmd_show_image(asked, console);
    case cli::Verb::Clone:
        return cli::cmd_clone(asked, console);
    case cli::Verb::Rename:
        return cli::cmd_rename(asked, console);
    case cli::Verb::ReadOnly:
        return cli::cmd_read_only(asked, console);
    case cli::Verb::Remove:
        return cli::cmd_remove(asked, console);
    case cli::Verb::SetLimit:
        return cli::cmd_set_limit(asked, console);
    case cli::Verb::Clean:
        return cli::cmd_clean(asked, console);
    case cli::Verb::ExportTar:
        return cli::cmd_export_tar(asked, console);
    case cli::Verb::ExportRaw:
        return cli::cmd_export_raw(asked, console);
    case cli::Verb::ListTransfers:
        return cli::cmd_list_transfers(asked, console);
    case cli::Verb::CancelTransfer:
        return cli::cmd_cancel_transfer(asked, console);
    case cli::Verb::Monitor:
        return cli::cmd_monitor(asked, console);
    case cli::Verb::History:
        return cli::cmd_history(asked, console);
    case cli::Verb::Features:
        return cli::cmd_features(asked, console);
    case cli::Verb::CacheList:
        return cli::cmd_cache_list(asked, console);
    case cli::Verb::CachePrune:
        return cli::cmd_cache_prune(asked, console);
    case cli::Verb::KeysList:
        return cli::cmd_keys_list(asked, console);
    case cli::Verb::KeysCheck:
        return cli::cmd_keys_check(asked, console);
    case cli::Verb::KeysAdd:
        return cli::cmd_keys_add(asked, console);
    case cli::Verb::KeysRemove:
        return cli::cmd_keys_remove(asked, console);
    case cli::Verb::Start:
        return cli::cmd_start(asked, console);
    case cli::Verb::Run:
        return cli::cmd_run(asked, console);
    case cli::Verb::Cat:
        return cli::cmd_cat(asked, console);
    case cli::Verb::Edit:
        return cli::cmd_edit(asked, console);
    case cli::Verb::Poweroff:
    case cli::Verb::Stop:
        return cli::cmd_poweroff(asked, console);
    case cli::Verb::Reboot:
        return cli::cmd_reboot(asked, console);
    case cli::Verb::Terminate:
        return cli::cmd_terminate(asked, console);
    case cli::Verb::Kill:
        return cli::cmd_kill(asked, console);
    case cli::Verb::List:
        return cli::cmd_list(asked, console);
    case cli::Verb::Status:
        return cli::cmd_status(asked, console);
    case cli::Verb::Shell:
        return cli::cmd_shell(asked, console);
    case cli::Verb::CopyTo:
    case cli::Verb::CopyFrom:
        return cli::cmd_copy_to(asked, console);
    case cli::Verb::Bind:
        return cli::cmd_bind(asked, console);
    case cli::Verb::Console:
        return cli::cmd_console(asked, console);
    case cli::Verb::Log:
        return cli::cmd_log(asked, console);
    case cli::Verb::Login:
        return cli::cmd_login(asked, console);
    case cli::Verb::Enable:
        return cli::cmd_enable(asked, console);
    case cli::Verb::Disable:
        return cli::cmd_disable(asked, console);
    case cli::Verb::Help:
        return cli::cmd_help(asked, console);
    }
    return exit_status(Kind::Internal);
}

int run_or_explain(std::span<const std::string> arguments, cli::Console& console) {
    try {
        return run(arguments, console);
    } catch (const Error& error) {
        cli::print_error(console, error.what());
        return error.status();
    } catch (const std::bad_alloc&) {
        cli::print_error(console, "out of memory");
        return exit_status(Kind::Limit);
    } catch (const std::exception& error) {
        cli::print_error(console, error.what());
        return exit_status(Kind::Other);
    }
}

} // namespace

int main(int argc, char** argv) {
    open_standard_fds();
    std::signal(SIGPIPE, SIG_IGN); // a reader that left is an error of write(2)
    cli::Console console = cli::standard_console();
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    hide_secrets({argv, static_cast<std::size_t>(argc)});
    const int status = run_or_explain(arguments, console);
    console.err.drain();
    return status;
}
