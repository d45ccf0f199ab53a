// Offline the entry is settled first, and everything comes from the place that it was kept from;
// online the documents that the server has now say which entry it is.

#include "transfer/kept.hh"

#include <utility>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "cache/address.hh"
#include "cache/prune.hh"
#include "verify/policy.hh"

namespace slipway::transfer {
namespace {

constexpr int kFound = 200;
constexpr int kAbsent = 404;

std::optional<cache::Store> find_store(const Job& job, bool offline) {
    if (job.request.cache.empty()) {
        return std::nullopt;
    }
    try {
        return cache::Store::find(job.request.cache);
    } catch (const Error& error) {
        if (offline) {
            throw;
        }
        job.report.log(LogLevel::Notice, error.what());
        return std::nullopt;
    }
}

} // namespace

Kept::Kept(const Job& job, const Url& image)
    : job_(job), address_(cache::address_of(image)), shown_(image.masked()) {
    if (!is_pull(job.request.verb) || image.is_file()) {
        return;
    }
    offline_ = job.request.offline;
    store_ = find_store(job, offline_);
    if (!offline_) {
        return;
    }
    const verify::Policy policy = verify::parse_policy(job.request.verify);
    const bool by_digest = policy.mode == verify::Mode::Digest;
    if (store_) {
        entry_ = by_digest ? store_->find_content({{policy.algorithm, policy.digest}})
                           : store_->find_address(address_);
    }
    if (!entry_) {
        throw Error(Kind::NotFound,
                    "nothing that was kept in {} {}; nothing was stored. See slipway cache list, "
                    "or pull without --offline",
                    quoted(job.request.cache.string()),
                    by_digest ? "has the digest that --verify gives" : "came from this URL");
    }
}

const cache::Publication* Kept::publication() const {
    return entry_ ? entry_->publication_at(address_) : nullptr;
}

const cache::Entry* Kept::find_image(const stream::Digests& expected,
                                     const std::function<std::optional<cache::Validators>()>& ask) {
    if (!store_) {
        return nullptr;
    }
    if (!offline_) {
        entry_ = expected.empty() ? store_->find_address(address_) : store_->find_content(expected);
        if (entry_ && expected.empty()) {
            const std::optional<cache::Validators> now = ask();
            if (!now || !cache::is_same_version(*publication(), entry_->size_bytes(), *now)) {
                entry_.reset();
            }
        }
    }
    return entry_ ? &*entry_ : nullptr;
}

std::optional<ModificationTime> Kept::modified() const {
    const cache::Publication* from = publication();
    if (from == nullptr && entry_ && !entry_->publications().empty()) {
        from = &entry_->publications().front();
    }
    return from != nullptr && from->last_modified
               ? std::optional(ModificationTime(std::chrono::seconds(*from->last_modified)))
               : std::nullopt;
}

void Kept::discard() {
    const std::string name = entry_->name();
    entry_.reset(); // our own lock is in the way
    try {
        cache::remove_entry(*store_, name);
    } catch (const Error& error) {
        job_.report.log(LogLevel::Notice, error.what()); // another job reads it, and will see, too
    }
}

Error Kept::missing(std::string_view what) const {
    return Error(Kind::NotFound,
                 "{} was not asked for when this download was kept{}; nothing was stored. Pull "
                 "without --offline to have the server asked",
                 what,
                 publication() != nullptr ? fmt::format(" ({})", publication()->verdict) : "");
}

verify::Library::Answer Kept::document(const Url& url, std::uint64_t limit_bytes) {
    const cache::Publication* from = publication();
    const cache::Paper* paper =
        from == nullptr ? nullptr : cache::find_paper(*from, cache::address_of(url));
    const bool there = paper != nullptr && !paper->file.empty();
    const Fd file = there ? entry_->open_file(*from, paper->file) : Fd();
    if (paper == nullptr || (there && !file)) {
        unasked_ = unasked_.empty() ? url.file_name() : unasked_;
        return {kAbsent, {}, false};
    }
    if (!there) {
        return {paper->status, {}, paper->too_large};
    }
    try {
        return {paper->status, read_all(file.get(), limit_bytes), false};
    } catch (const Error& error) {
        if (error.kind() != Kind::Limit) {
            throw;
        }
        return {paper->status, {}, true};
    }
}

void Kept::explain(Error& error) const {
    if (!unasked_.empty()) {
        error.add_advice(fmt::format("; {} and others were not asked for when this download was "
                                     "kept: without --offline the server is asked",
                                     quoted(unasked_)));
    }
}

std::variant<Input, fetch::Status> Kept::file(const Url& url) const {
    const cache::Companion* kept = companion(url);
    if (kept == nullptr) {
        throw missing("it");
    }
    if (kept->status != kFound) {
        return fetch::Status{kept->status, url.masked(), ""};
    }
    std::optional<Input> input = open(*kept);
    if (!input) {
        throw missing("it");
    }
    return std::move(*input);
}

const cache::Companion* Kept::companion(const Url& url) const {
    const cache::Publication* from = publication();
    return from == nullptr ? nullptr : cache::find_companion(*from, cache::address_of(url));
}

std::optional<Input> Kept::open(const cache::Companion& companion) const {
    Fd file = entry_->open_file(*publication(), companion.file);
    return file ? std::optional(Input{std::move(file), companion.size_bytes, std::nullopt})
                : std::nullopt;
}

} // namespace slipway::transfer
