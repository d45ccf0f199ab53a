// The keeper opens files and moves them; the bytes are slipway-unpack's to write.

#include "transfer/keeping.hh"

#include <utility>

#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "cache/address.hh"
#include "cache/prune.hh"
#include "verify/discovery.hh"
#include "volume/subvolume.hh"

namespace slipway::transfer {
namespace {

constexpr int kFound = 200;

std::int64_t seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

} // namespace

Keeping::Keeping(const Job& job, Url image, Wish wish) : job_(job) {
    if (wish == Wish::Yes) {
        guard([&] { open(image); });
    }
}

void Keeping::guard(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        stop(error.what());
    }
}

void Keeping::open(const Url& image) {
    const Request& request = job_.request;
    if (image.is_file()) {
        throw Error(Kind::Unsupported, "it is a file of this host, and here already");
    }
    if (request.cache.empty()) {
        throw Error(Kind::NotFound, "there is no directory for it; CACHE_DIRECTORY says where");
    }
    store_ = cache::Store::open(request.cache);
    cache::sweep(*store_);
    bounds_ = cache::bounds_of(*store_);
    if (request.cache_size_bytes != 0) {
        bounds_.size_bytes = request.cache_size_bytes;
    }
    if (request.cache_age_s != 0) {
        bounds_.age = std::chrono::seconds(request.cache_age_s);
    }
    cache::set_bounds(*store_, bounds_);
    publication_.address = cache::address_of(image);
    publication_.url = image.masked();
    publication_.kept_at = seconds(job_.now);
    making_.emplace(*store_, request.id);
}

void Keeping::stop(std::string_view why) {
    image_.reset();
    companion_.reset();
    making_.reset();
    job_.report.log(LogLevel::Notice, fmt::format("the download is not kept: {}", why));
}

bool Keeping::fills_volume_of(int staging) const {
    struct stat here {};
    struct stat there {};
    return is_on() && ::fstat(store_->fd(), &here) == 0 && ::fstat(staging, &there) == 0 &&
           (here.st_dev == there.st_dev || volume::are_on_one_file_system(store_->fd(), staging));
}

int Keeping::image(std::optional<std::uint64_t> length_bytes) {
    if (is_on() && length_bytes && *length_bytes > bounds_.size_bytes) {
        stop(fmt::format("it has {}, and all kept downloads together may have {}",
                         format_size(*length_bytes), format_size(bounds_.size_bytes)));
    }
    if (is_on()) {
        guard([this] { image_ = making_->make_content(); });
    }
    return image_.get();
}

void Keeping::heard(const fetch::Head& head) {
    publication_.etag = head.etag;
    publication_.last_modified = head.last_modified;
}

void Keeping::drop_companion() {
    if (companion_) {
        making_->drop_file(companion_->name);
        companion_.reset();
    }
}

int Keeping::companion(const Url& url) {
    if (!is_on()) {
        return -1;
    }
    guard([&] {
        drop_companion();
        companion_address_ = cache::address_of(url);
        companion_ = making_->make_file();
    });
    return companion_ ? companion_->fd.get() : -1;
}

void Keeping::companion_came(const pull::UnpackDone& done) {
    if (!companion_) {
        return;
    }
    if (!done.not_kept.empty()) {
        stop(relayed(done.not_kept));
        return;
    }
    add({companion_address_, kFound, companion_->name, done.packed_bytes, done.digests});
    companion_.reset();
}

void Keeping::companion_is_absent(const Url& url, int status) {
    if (is_on()) {
        drop_companion();
        add({cache::address_of(url), status, {}, 0, {}});
    }
}

// The last word about a file counts.
void Keeping::add(cache::Companion companion) {
    std::erase_if(publication_.companions, [&companion](const cache::Companion& known) {
        return known.address == companion.address;
    });
    publication_.companions.push_back(std::move(companion));
}

// Answers that say neither "there" nor "not there" ended the job, or the search went on without.
void Keeping::add_papers(const verify::RememberingLibrary& library) {
    for (const auto& [url, answer] : library.answers()) {
        const bool there = answer.status == kFound && !answer.too_large;
        if (there || answer.too_large ||
            verify::presence(answer.status) == verify::Presence::Absent) {
            publication_.papers.push_back({cache::address_of(Url::parse(url)), answer.status,
                                           answer.too_large,
                                           there ? making_->add_text(answer.content) : ""});
        }
    }
}

void Keeping::finish(const pull::UnpackDone& content, const verify::RememberingLibrary& library,
                     const Verdict& verdict) {
    if (is_on() && !content.not_kept.empty()) {
        stop(relayed(content.not_kept));
    }
    if (!is_on()) {
        return;
    }
    guard([&] {
        drop_companion();
        image_.reset();
        publication_.verdict = word(verdict.word());
        add_papers(library);
        if (making_->room_bytes() > bounds_.size_bytes) {
            throw Error(Kind::Limit, "it takes {}, and all kept downloads together may take {}",
                        format_size(making_->room_bytes()), format_size(bounds_.size_bytes));
        }
        making_->publish(publication_, content.packed_bytes, content.digests);
        const std::string& digest = content.digests.at(stream::Algorithm::Sha256);
        job_.report.log(LogLevel::Info, fmt::format("the download is kept: SHA-256 {}, {}", digest,
                                                    format_size(content.packed_bytes)));
        prune(std::string(cache::kEntryPrefix) + digest);
    });
}

void Keeping::prune(const std::string& spare) {
    making_.reset();
    try {
        for (const cache::Removed& gone : cache::prune(*store_, bounds_, job_.now, spare)) {
            job_.report.log(LogLevel::Info, fmt::format("{} is kept no longer: {} freed", gone.name,
                                                        format_size(gone.freed_bytes)));
        }
    } catch (const Error& error) {
        job_.report.log(LogLevel::Notice, error.what());
    }
}

} // namespace slipway::transfer
