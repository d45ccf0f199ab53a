// The keeper reads no byte of the tree for its own sake: volume copies, this tells.

#include "transfer/tree_copy.hh"

#include <chrono>

#include "base/error.hh"
#include "base/quoted.hh"
#include "transfer/copy_words.hh"
#include "transfer/preflight.hh"
#include "transfer/source_tree.hh"
#include "volume/mounts.hh"

namespace slipway::transfer {
namespace {

volume::CopyOptions copy_options(const storage::Pool& pool, const Job& job) {
    volume::CopyOptions options;
    options.unsupported = job.request.tar.skip_unsupported_xattrs
                              ? volume::UnsupportedAttributes::LeaveOut
                              : volume::UnsupportedAttributes::Refuse;
    options.leave_out = volume::inode_id(pool.fd());
    options.on_progress = [&job](const volume::CopyProgress& so_far) {
        job.report.progress(std::chrono::steady_clock::now(), {.packed_bytes = so_far.size_bytes,
                                                               .unpacked_bytes = so_far.size_bytes,
                                                               .entries = so_far.entries});
    };
    return options;
}

} // namespace

volume::CopiedTree fill_with_copy(const storage::Staging& staging, int source,
                                  const storage::Pool& pool, const Job& job) {
    try {
        volume::CopiedTree tree =
            volume::copy_tree(source, staging.root(), copy_options(pool, job), job.stop);
        for (const LogLine& line : remarks_on(tree)) {
            job.report.log(line.level, line.text);
        }
        return tree;
    } catch (Error& error) {
        add_consequence(error, pool, job.report);
        throw;
    }
}

void tell_mounts(int source, Report& report) {
    for (const auto& path : volume::mounts_below(path_of_tree(source))) {
        report.log(LogLevel::Notice, fmt::format("{} is another mount and was not entered: the "
                                                 "image holds what the mount hides",
                                                 quoted(path.string())));
    }
}

void add_consequence(Error& error, const storage::Pool& pool, const Report& report) {
    const Amounts& amounts = report.amounts();
    error.add_advice(
        error.kind() == Kind::NoSpace
            ? fullness({pool.file_system(), pool.space()}, amounts.unpacked_bytes, amounts.entries)
            : "; nothing was stored");
}

} // namespace slipway::transfer
