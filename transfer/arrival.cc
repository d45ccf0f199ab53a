// The order matters: pool, name and staging first, since refusing is cheapest there; the verdict
// before the commit, which asks for it.

#include "transfer/arrival.hh"

#include <chrono>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "transfer/image_name.hh"
#include "transfer/provenance.hh"
#include "transfer/sync_ahead.hh"

namespace slipway::transfer {
namespace {

std::int64_t seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

} // namespace

Arrival::Arrival(const Job& job)
    : job_(job), name_(settle_name(job.request)), pool_(storage::Pool::open(job.request.pool)) {
    if (const std::optional<std::string> note = pool_.note()) {
        job_.report.log(LogLevel::Notice, *note);
    }
    make_staging();
}

void Arrival::make_staging() {
    staging_.emplace(pool_, spec());
    for (const std::string& note : staging_->notes()) {
        job_.report.log(LogLevel::Notice, note);
    }
}

storage::StagingSpec Arrival::spec() const {
    const Request& request = job_.request;
    return {.id = request.id,
            .name = name_,
            .replace = request.force ? storage::Replace::Yes : storage::Replace::No,
            .read_only = request.read_only ? storage::ReadOnly::Yes : storage::ReadOnly::No};
}

Volume Arrival::volume() const {
    return {pool_.file_system(), pool_.space()};
}

void Arrival::check_space(std::optional<std::uint64_t> packed_bytes) const {
    transfer::check_space(volume(), packed_bytes);
}

pull::UnpackRequest Arrival::unpack_request(const verify::Judge& judge,
                                            std::string input_name) const {
    pull::UnpackRequest request{.algorithms = judge.algorithms(),
                                .memory_bytes = job_.request.memory_bytes,
                                .name = std::move(input_name),
                                .budget = job_.request.budget,
                                .tar = job_.request.tar};
    if (request.algorithms.empty()) {
        request.algorithms.push_back(stream::Algorithm::Sha256); // for the image's provenance
    }
    return request;
}

void Arrival::start_over() {
    staging_.reset();
    job_.report.restart();
    make_staging();
}

void Arrival::explain(Error& error) const {
    constexpr std::string_view kUntouched = "nothing was stored";
    if (std::string_view(error.what()).find(kUntouched) != std::string_view::npos) {
        return;
    }
    if (error.kind() == Kind::NoSpace) {
        const Amounts& amounts = job_.report.amounts();
        error.add_advice(fullness(volume(), amounts.unpacked_bytes, amounts.entries));
    } else {
        error.add_advice(fmt::format("; {}", kUntouched));
    }
}

void Arrival::tell(const verify::Judge& judge, const Verdict& verdict,
                   const pull::UnpackDone& unpacked) const {
    const auto& tree = std::get<pull::Unpacked>(unpacked.what);
    if (!tree.hoisted.empty()) {
        job_.report.log(
            LogLevel::Info,
            fmt::format("the tree beneath {} was moved one directory up", quoted(tree.hoisted)));
    }
    const ShownDigest shown = shown_digest(unpacked.digests, judge.statement().algorithm);
    job_.report.verdict({std::string(word(verdict.word())), verdict.sentence(), verdict.key(),
                         shown.algorithm, shown.digest});
}

Ended Arrival::commit(const verify::Judge& judge, const Verdict& verdict,
                      const pull::UnpackDone& unpacked, std::string source) && {
    tell(judge, verdict, unpacked);
    const storage::Provenance provenance =
        make_provenance({.source = std::move(source),
                         .fetched_at = seconds(job_.now),
                         .size_bytes = unpacked.packed_bytes,
                         .digests = unpacked.digests,
                         .verdict = std::string(word(verdict.word())),
                         .statement = judge.statement()});
    const std::string_view type = storage::word(staging_->type());
    job_.report.stage("sync");
    sync_ahead(staging_->root(), job_.stop);
    const auto on_step = [this](storage::CommitStep step) {
        if (job_.stop.stop_requested()) {
            throw Canceled();
        }
        job_.report.stage(step == storage::CommitStep::Sync ? "sync" : "commit");
    };
    const std::filesystem::path path = std::move(*staging_).commit(verdict, provenance, on_step);
    const auto& tree = std::get<pull::Unpacked>(unpacked.what);
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("stored {} as a {}: {} in {} entries; {}", quoted(path.string()), type,
                             format_size(tree.unpacked_bytes), tree.entries, verdict.sentence());
    ended.name = name_.text();
    ended.path = path.string();
    ended.type = type;
    ended.digest = shown_digest(unpacked.digests, judge.statement().algorithm).digest;
    return ended;
}

} // namespace slipway::transfer
