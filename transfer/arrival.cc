// The order matters: pool, name and staging first, since refusing is cheapest there; the verdict
// before the commit, which asks for it.

#include "transfer/arrival.hh"

#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "transfer/commit_image.hh"
#include "transfer/image_name.hh"
#include "transfer/provenance.hh"
#include "transfer/stored.hh"

namespace slipway::transfer {
namespace {

std::int64_t seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

} // namespace

Arrival::Arrival(const Job& job)
    : job_(job), name_(settle_name(job.request)),
      pool_(storage::Pool::open(job.request.pool, job.request.image_class)) {
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
    if (brings_disk(job_.request.verb)) {
        scratch_ = staging_->make_scratch();
    }
}

storage::StagingSpec Arrival::spec() const {
    const Request& request = job_.request;
    return {.id = request.id,
            .name = name_,
            .replace = request.force ? storage::Replace::Yes : storage::Replace::No,
            .read_only = request.read_only ? storage::ReadOnly::Yes : storage::ReadOnly::No,
            .kind =
                brings_disk(request.verb) ? storage::ImageKind::Disk : storage::ImageKind::Tree};
}

Volume Arrival::volume() const {
    return {staging_->file_system(), staging_->space()};
}

Target Arrival::target() const {
    return {.fd = staging_->root(),
            .scratch = scratch_.get(),
            .on_size = [this](std::uint64_t size_bytes) { doubt(size_bytes); }};
}

void Arrival::doubt(std::uint64_t size_bytes) const {
    const std::string words = doubt_of_disk(volume(), size_bytes);
    if (!words.empty()) {
        job_.report.log(LogLevel::Notice, words);
    }
}

void Arrival::keep_time(const std::optional<ModificationTime>& modified) {
    if (modified && brings_disk(job_.request.verb)) {
        staging_->set_modified(*modified);
    }
}

void Arrival::check_space(std::optional<std::uint64_t> packed_bytes) const {
    if (!brings_disk(job_.request.verb)) {
        transfer::check_space(volume(), packed_bytes);
        return;
    }
    if (packed_bytes) {
        check_disk_size(volume(), *packed_bytes, staging_->root());
        doubt(*packed_bytes);
    }
}

pull::UnpackRequest Arrival::unpack_request(const verify::Judge& judge,
                                            std::string input_name) const {
    const Request& asked = job_.request;
    pull::UnpackRequest request{.work =
                                    brings_disk(asked.verb) ? pull::Work::Disk : pull::Work::Tree,
                                .algorithms = judge.algorithms(),
                                .memory_bytes = asked.memory_bytes,
                                .name = std::move(input_name),
                                .budget = asked.budget,
                                .tar = asked.tar};
    // Where something vouches for it, damage is told from tampering.
    request.to_the_end = !request.algorithms.empty() || judge.image_signature() != nullptr;
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
    for (const std::string& remark : remarks(unpacked)) {
        job_.report.log(LogLevel::Info, remark);
    }
    const ShownDigest shown = shown_digest(unpacked.digests, judge.statement().algorithm);
    job_.report.verdict({std::string(word(verdict.word())), verdict.sentence(), verdict.key(),
                         shown.algorithm, shown.digest});
    for (const std::string& kept : staging_->kept_siblings()) {
        job_.report.log(LogLevel::Notice, kept);
    }
}

Ended Arrival::commit(const verify::Judge& judge, const Verdict& verdict,
                      const pull::UnpackDone& unpacked, std::string source,
                      const std::vector<storage::Sibling>& siblings) && {
    tell(judge, verdict, unpacked);
    const storage::Provenance provenance =
        make_provenance({.job = job_id(job_.request),
                         .source = std::move(source),
                         .fetched_at = seconds(job_.now),
                         .size_bytes = unpacked.packed_bytes,
                         .digests = unpacked.digests,
                         .verdict = std::string(word(verdict.word())),
                         .statement = judge.statement()});
    const storage::ImageType type = staging_->type();
    std::vector<std::string> stored_beside;
    for (const storage::Sibling kind : siblings) {
        if (job_.request.force || !storage::find_sibling(pool_, name_, kind)) {
            stored_beside.push_back(storage::sibling_name(name_, kind));
        }
    }
    const std::filesystem::path path =
        commit_image(std::move(*staging_), verdict, provenance, job_);
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format("stored {} as a {}: {}; {}", quoted(path.string()), noun(type),
                             extent(unpacked), verdict.sentence());
    ended.name = name_.text();
    ended.path = path.string();
    ended.type = storage::word(type);
    ended.digest = shown_digest(unpacked.digests, judge.statement().algorithm).digest;
    ended.siblings = std::move(stored_beside);
    return ended;
}

} // namespace slipway::transfer
