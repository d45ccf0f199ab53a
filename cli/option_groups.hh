// The parts of the table of options, and the sets of verbs that they speak of.

#pragma once

#include <span>

#include "cli/option_table.hh"

namespace slipway::cli {

std::span<const OptionSpec> general_options() noexcept;
std::span<const OptionSpec> storing_options() noexcept;
std::span<const OptionSpec> verification_options() noexcept;
std::span<const OptionSpec> limit_options() noexcept;
std::span<const OptionSpec> machine_options() noexcept;
std::span<const OptionSpec> hardware_options() noexcept;
std::span<const OptionSpec> setting_options() noexcept;

inline constexpr VerbSet kPull = verbs(Verb::PullTar, Verb::PullRaw);
inline constexpr VerbSet kJudge = kPull | verbs(Verb::Verify);
inline constexpr VerbSet kUnpackTar = verbs(Verb::PullTar, Verb::ImportTar);
inline constexpr VerbSet kUnpack = kPull | verbs(Verb::ImportTar, Verb::ImportRaw);
inline constexpr VerbSet kBringIn = kUnpack | verbs(Verb::ImportFs);
inline constexpr VerbSet kExport = verbs(Verb::ExportTar, Verb::ExportRaw);
inline constexpr VerbSet kChange =
    verbs(Verb::Clone, Verb::Rename, Verb::ReadOnly, Verb::Remove, Verb::SetLimit, Verb::Clean);
inline constexpr VerbSet kLook = verbs(Verb::ListImages, Verb::ImageStatus, Verb::ShowImage);
inline constexpr VerbSet kJobs = kBringIn | kChange | kExport | verbs(Verb::Verify);
inline constexpr VerbSet kPoolUsers = kJobs | kLook | verbs(Verb::Features);
inline constexpr VerbSet kTransferLists = verbs(Verb::ListTransfers, Verb::History);
inline constexpr VerbSet kKeys =
    verbs(Verb::KeysList, Verb::KeysCheck, Verb::KeysAdd, Verb::KeysRemove);
inline constexpr VerbSet kRunMachine = verbs(Verb::Start, Verb::Run);
inline constexpr VerbSet kSettings = verbs(Verb::Cat, Verb::Edit);
inline constexpr VerbSet kLists =
    kTransferLists |
    verbs(Verb::List, Verb::ListImages, Verb::Features, Verb::CacheList, Verb::KeysList);
inline constexpr VerbSet kJson = kPoolUsers | kTransferLists |
                                 verbs(Verb::List, Verb::Monitor, Verb::CacheList, Verb::CachePrune,
                                       Verb::KeysList, Verb::KeysCheck);

} // namespace slipway::cli
