// A sibling is optional for its publisher, not for us: only the answer that it is not there lets it
// be missing. Else whoever drops a packet takes a root hash away.

#include "transfer/siblings.hh"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/ranges.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "transfer/check_file.hh"
#include "transfer/second_look.hh"
#include "verify/discovery.hh"

namespace slipway::transfer {
namespace {

using storage::Sibling;

constexpr std::uint64_t kMaxSmallBytes = 1 * MiB;

bool is_wished(const SiblingWishes& wishes, Sibling kind) noexcept {
    switch (kind) {
    case Sibling::Settings:
        return wishes.settings;
    case Sibling::RootHash:
    case Sibling::UsrHash:
        return wishes.roothash;
    case Sibling::RootHashSignature:
    case Sibling::UsrHashSignature:
        return wishes.roothash_signature;
    case Sibling::Verity:
        return wishes.verity;
    case Sibling::OciConfig:
    case Sibling::TpmState:
    case Sibling::EfiVariables:
        break; // a machine's own
    }
    return false;
}

// Whether a refusal says that something is wrong, not only that nothing vouches.
bool is_contradiction(const Error& error) noexcept {
    switch (error.verdict().value_or(VerdictWord::Unavailable)) {
    case VerdictWord::Conflict:
    case VerdictWord::BadSignature:
    case VerdictWord::DigestMismatch:
    case VerdictWord::Unavailable:
    case VerdictWord::EngineFailed:
        return true;
    default:
        return false;
    }
}

// Returns when the file is not there. A status that says neither is an error.
void expect_absent(const fetch::Status& answer) {
    switch (verify::presence(answer.status)) {
    case verify::Presence::Absent:
        return;
    case verify::Presence::WantsCredentials:
        throw Error(Kind::Denied,
                    "the server answered {}, it asks for credentials; nothing was stored. Put them "
                    "into the URL, or do without the file",
                    answer.status);
    default:
        throw Error(Kind::Network,
                    "the server answered {}, which says nothing about whether it is there; nothing "
                    "was stored. Try again, or do without the file",
                    answer.status);
    }
}

bool is_missing_here(const Url& url) {
    std::error_code error;
    return url.is_file() && !std::filesystem::is_regular_file(url.path(), error);
}

} // namespace

std::vector<Sibling> wanted_siblings(const Request& request, verify::Mode mode) {
    std::vector<Sibling> wanted;
    for (const Sibling kind : storage::kSiblings) {
        const bool fits = kind == Sibling::Settings || brings_disk(request.verb);
        if (fits && mode != verify::Mode::Digest && is_wished(request.siblings, kind)) {
            wanted.push_back(kind);
        }
    }
    return wanted;
}

std::string remote_sibling_name(const Url& image, Sibling kind, Verb verb) {
    const std::string file = image.file_name();
    const std::string_view stem = brings_disk(verb) ? storage::without_disk_suffixes(file)
                                                    : storage::without_tar_suffix(file);
    return stem.empty() ? "" : std::string(stem).append(storage::suffix(kind));
}

std::uint64_t verity_limit(std::uint64_t disk_bytes) noexcept {
    // 1/8 + 1/64 + … = 1/7
    return disk_bytes / 7 + 1 * MiB;
}

Siblings::Siblings(const Job& job, Url image, const Means& means, storage::Staging& staging)
    : job_(job), image_(std::move(image)), means_(means), staging_(staging),
      wanted_(wanted_siblings(job.request, means.inquest.policy().mode)) {}

bool Siblings::bring_small() {
    return std::all_of(wanted_.begin(), wanted_.end(), [this](Sibling kind) {
        return kind == Sibling::Verity || bring(kind, kMaxSmallBytes);
    });
}

bool Siblings::bring_verity(std::uint64_t disk_bytes) {
    const bool wanted = std::find(wanted_.begin(), wanted_.end(), Sibling::Verity) != wanted_.end();
    return !wanted || bring(Sibling::Verity, verity_limit(disk_bytes));
}

bool Siblings::bring(Sibling kind, std::uint64_t limit_bytes) {
    const std::string name = remote_sibling_name(image_, kind, job_.request.verb);
    if (name.empty()) {
        return true;
    }
    const Url url = image_.sibling(name);
    try {
        const std::optional<Staged> came = fetch(kind, url, limit_bytes);
        if (!came) {
            job_.report.log(LogLevel::Debug, fmt::format("{}: not there", quoted(name)));
            return true;
        }
        switch (judge(url, *came)) {
        case Fit::OtherVersion:
            return false;
        case Fit::NotVouched:
            staging_.drop_sibling(kind);
            left_out_.push_back(quoted(name));
            return true;
        case Fit::Vouched:
            break;
        }
        brought_.push_back(kind);
        job_.report.log(LogLevel::Info, fmt::format("{} comes along: {}", quoted(name),
                                                    format_size(came->done.packed_bytes)));
    } catch (Error& error) {
        error.add_context("{}, which belongs to the image", quoted(name));
        throw;
    }
    return true;
}

// Nothing when it is not there.
std::optional<Siblings::Staged> Siblings::fetch(Sibling kind, const Url& url,
                                                std::uint64_t limit_bytes) {
    constexpr int kStarts = 3; // what changes under our hands time and again is refused
    if (std::optional<Staged> kept = take_kept(kind, url)) {
        return kept;
    }
    for (int starts = 0; starts < kStarts && !is_missing_here(url); ++starts) {
        Supply::Answer answer = means_.supply.ask(url, limit_bytes, means_.cache);
        if (const auto* status = std::get_if<fetch::Status>(&answer)) {
            expect_absent(*status);
            means_.keeping.companion_is_absent(url, status->status);
            return std::nullopt;
        }
        if (auto* offer = std::get_if<Offer>(&answer)) {
            if (auto came = take(kind, url, std::move(*offer), limit_bytes)) {
                return came;
            }
        }
    }
    if (is_missing_here(url)) {
        return std::nullopt;
    }
    throw Error(Kind::Network,
                "it changed {} times while it was fetched; nothing was stored. Pull again later",
                kStarts);
}

// Nothing when the content changed on the server.
std::optional<Siblings::Staged> Siblings::take(Sibling kind, const Url& url, Offer offer,
                                               std::uint64_t limit_bytes) {
    const pull::UnpackRequest request{
        .work = pull::Work::Copy,
        .algorithms = {stream::Algorithm::Sha256, stream::Algorithm::Sha384,
                       stream::Algorithm::Sha512, stream::Algorithm::Blake2b},
        .name = url.file_name(),
        .budget = {.size_bytes = limit_bytes}};
    job_.report.stage("siblings");
    job_.report.restart();
    job_.report.expect(offer.length_bytes);
    const Target target{.fd = staging_.add_sibling(kind), .keep = means_.keeping.companion(url)};
    auto came = means_.supply.take(std::move(offer), request, target);
    if (!came) {
        return std::nullopt;
    }
    means_.keeping.companion_came(*came);
    return Staged{*std::move(came), target.fd};
}

// Where the documents say what it has to be and that was kept with the image, no server is asked.
std::optional<Siblings::Staged> Siblings::take_kept(Sibling kind, const Url& url) {
    const Kept& kept = means_.supply.kept();
    const cache::Companion* companion = kept.is_offline() ? nullptr : kept.companion(url);
    if (companion == nullptr || companion->file.empty()) {
        return std::nullopt;
    }
    verify::Judge judge = means_.inquest.judge_sibling(url);
    try {
        judge.gather(means_.library);
    } catch (const Error&) {
        return std::nullopt; // it is said when what the server has now is judged
    }
    const stream::Digests expected = judge.expected();
    const bool fits =
        !expected.empty() && std::includes(companion->digests.begin(), companion->digests.end(),
                                           expected.begin(), expected.end());
    std::optional<Input> input = fits ? kept.open(*companion) : std::nullopt;
    if (!input) {
        return std::nullopt;
    }
    auto came = take(kind, url, offer_of(std::move(*input)), companion->size_bytes);
    return came && came->done.digests == companion->digests ? std::move(came) : std::nullopt;
}

Siblings::Fit Siblings::judge(const Url& url, const Staged& staged) {
    verify::Judge judge = means_.inquest.judge_sibling(url);
    try {
        judge.gather(means_.library);
    } catch (const Error& error) {
        if (is_contradiction(error)) {
            throw;
        }
        job_.report.log(LogLevel::Debug, error.what());
        return Fit::NotVouched;
    }
    std::optional<verify::SignatureReport> report;
    if (const verify::ImageSignature* signature = judge.image_signature()) {
        report = check_file(means_.inquest.checker(), signature->content, staged.file, job_.stop);
    }
    const bool may_restart = means_.cache == fetch::Cache::Use;
    return judge_with_second_look(judge, means_.library,
                                  {staged.done.digests, report ? &*report : nullptr}, job_.report,
                                  may_restart)
               ? Fit::Vouched
               : Fit::OtherVersion;
}

void Siblings::tell_left_out() const {
    if (!left_out_.empty()) {
        job_.report.log(
            LogLevel::Warning,
            fmt::format("not stored, since nothing that was verified vouches for {}: {}",
                        left_out_.size() == 1 ? "it" : "them", fmt::join(left_out_, ", ")));
    }
}

} // namespace slipway::transfer
