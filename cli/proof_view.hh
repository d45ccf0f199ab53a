// What slipway verify shows: what was looked for, what was found, what each said, and the verdict.

#pragma once

#include <memory>
#include <vector>

#include "cli/console.hh"
#include "cli/job_view.hh"
#include "cli/options.hh"
#include "cli/text_table.hh"
#include "transfer/event.hh"

namespace slipway::cli {

enum class Absent { Counted, Listed };

/// The table, and below it how many were not there where they are only counted. Empty when nothing
/// was looked for.
std::string proof_table(const std::vector<transfer::ProofSeen>& proofs, Absent absent,
                        const TableLook& look);

/// Progress and remarks go where those of every job go; the table and the sentence of the verdict
/// are the result, on standard output once the job has ended. With --json the events alone.
/// @param console  must outlive the view
std::unique_ptr<JobView> make_proof_view(const Options& options, Console& console);

} // namespace slipway::cli
