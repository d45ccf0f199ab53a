// Asking slipway-check. Not for other rooms: verify/checker.hh is.

#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "verify/helper.hh"
#include "verify/wire.hh"

namespace slipway::verify {

struct OpenRing {
    std::string name;
    Fd file;
};

/// Those that exist and are files; what is wrong with the others goes into `warnings`.
std::vector<OpenRing> open_rings(const std::vector<std::filesystem::path>& paths,
                                 std::vector<std::string>& warnings);

/// The request in as many datagrams as the rings need; `documents` go with the first.
/// @param engine_patience  for CheckForm::Streamed
void send_check(Helper& helper, CheckForm form, std::vector<int> documents,
                const std::vector<OpenRing>& rings, std::chrono::milliseconds engine_patience = {});

/// A program's answer "error" as the Error that it stands for; nothing else is changed.
void throw_if_error(std::string_view answer, std::string_view program);

/// Runs `ask`; whatever goes wrong in it is the verdict engine-failed.
template <typename Ask>
auto or_engine_failed(Ask ask) {
    try {
        return ask();
    } catch (const Error& error) {
        throw Error(VerdictWord::EngineFailed, "cannot check signatures: {}; nothing was stored",
                    error.what());
    }
}

} // namespace slipway::verify
