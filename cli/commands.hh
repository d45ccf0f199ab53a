// The verbs' work: one file each, cmd_VERB.cc. Each returns the exit status.

#pragma once

#include "cli/console.hh"
#include "cli/parse.hh"

namespace slipway::cli {

int cmd_pull_tar(const Invocation& asked, Console& console);
int cmd_pull_raw(const Invocation& asked, Console& console);
int cmd_verify(const Invocation& asked, Console& console);
int cmd_import_tar(const Invocation& asked, Console& console);
int cmd_import_raw(const Invocation& asked, Console& console);
int cmd_import_fs(const Invocation& asked, Console& console);
int cmd_list_images(const Invocation& asked, Console& console);
int cmd_image_status(const Invocation& asked, Console& console);
int cmd_show_image(const Invocation& asked, Console& console);
int cmd_clone(const Invocation& asked, Console& console);
int cmd_rename(const Invocation& asked, Console& console);
int cmd_read_only(const Invocation& asked, Console& console);
int cmd_remove(const Invocation& asked, Console& console);
int cmd_set_limit(const Invocation& asked, Console& console);
int cmd_clean(const Invocation& asked, Console& console);
int cmd_export_tar(const Invocation& asked, Console& console);
int cmd_export_raw(const Invocation& asked, Console& console);
int cmd_list_transfers(const Invocation& asked, Console& console);
int cmd_cancel_transfer(const Invocation& asked, Console& console);
int cmd_monitor(const Invocation& asked, Console& console);
int cmd_history(const Invocation& asked, Console& console);
int cmd_features(const Invocation& asked, Console& console);
int cmd_cache_list(const Invocation& asked, Console& console);
int cmd_cache_prune(const Invocation& asked, Console& console);
int cmd_keys_list(const Invocation& asked, Console& console);
int cmd_keys_check(const Invocation& asked, Console& console);
int cmd_keys_add(const Invocation& asked, Console& console);
int cmd_keys_remove(const Invocation& asked, Console& console);
int cmd_start(const Invocation& asked, Console& console);
int cmd_cat(const Invocation& asked, Console& console);
int cmd_edit(const Invocation& asked, Console& console);
int cmd_run(const Invocation& asked, Console& console);
int cmd_poweroff(const Invocation& asked, Console& console); ///< stop, too
int cmd_reboot(const Invocation& asked, Console& console);
int cmd_terminate(const Invocation& asked, Console& console);
int cmd_kill(const Invocation& asked, Console& console);
int cmd_list(const Invocation& asked, Console& console);
int cmd_status(const Invocation& asked, Console& console);
int cmd_shell(const Invocation& asked, Console& console);
int cmd_copy_to(const Invocation& asked, Console& console); ///< copy-from, too
int cmd_bind(const Invocation& asked, Console& console);
int cmd_console(const Invocation& asked, Console& console);
int cmd_log(const Invocation& asked, Console& console);
int cmd_login(const Invocation& asked, Console& console);
int cmd_enable(const Invocation& asked, Console& console);
int cmd_disable(const Invocation& asked, Console& console);
int cmd_help(const Invocation& asked, Console& console);

} // namespace slipway::cli
