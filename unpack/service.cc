// Threads: three stages (two where nothing is decoded), and one that watches the keeper and tells
// it of progress. Datagrams are whole, so warnings may be sent from the stage that has them.

#include "unpack/service.hh"

#include <algorithm>
#include <functional>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.hh"
#include "base/message.hh"
#include "stream/copy_sink.hh"
#include "stream/decode.hh"
#include "stream/digest.hh"
#include "stream/fd_stream.hh"
#include "stream/keep_sink.hh"
#include "stream/pipeline.hh"
#include "unpack/fences.hh"
#include "unpack/keeper_watch.hh"
#include "unpack/stage.hh"

namespace slipway::unpack {
namespace {

constexpr std::size_t kPipeBytes = 2 * MiB; // each of two
constexpr unsigned kMaxThreads = 8;

void answer(const pull::UnpackAnswer& what) {
    send_message(kControlFd, pull::to_json(what));
}

stream::DecodeLimits limits_of(const pull::UnpackRequest& request, unsigned cores) {
    stream::DecodeLimits limits;
    limits.memory_bytes = request.memory_bytes != 0 ? request.memory_bytes : limits.memory_bytes;
    limits.threading_memory_bytes =
        request.threading_bytes != 0 ? request.threading_bytes : limits.threading_memory_bytes;
    limits.threads = std::clamp(request.threads != 0 ? request.threads : cores, 1U, kMaxThreads);
    return limits;
}

stream::Decoded decompress(stream::Source& in, stream::Sink& out,
                           const stream::DecodeLimits& limits) {
    try {
        return stream::decode(in, out, limits);
    } catch (Error& error) {
        if (error.kind() == Kind::Limit) {
            error.add_advice("; raise it with --memory");
        }
        throw;
    }
}

// Takes everything and keeps nothing.
class Drain final : public stream::Sink {
public:
    std::span<std::byte> room() override { return buffer_; }
    void advance(std::size_t /*size*/) override {}
    void finish() override {}

private:
    std::vector<std::byte> buffer_ = std::vector<std::byte>(64 * KiB);
};

std::string_view last_stage(pull::Work work) {
    switch (work) {
    case pull::Work::Copy:
        return "copying";
    case pull::Work::Digest:
        return "digesting";
    default:
        return "unpacking";
    }
}

// The stages of one input, from the socket that brought it to the target.
class Line {
public:
    Line(const Service& service, const pull::UnpackRequest& request, const Confined& confined,
         unsigned cores)
        : service_(service), request_(request), confined_(confined), cores_(cores) {}

    /// @param copy  where the input goes as well; may be none
    /// @param keep  a file that keeps it; may be none
    /// Done, or damaged content.
    pull::UnpackAnswer run(int input, Fd copy, Fd keep);

private:
    pull::UnpackDone result();
    void digest_the_rest(int input);

    const Service& service_;
    const pull::UnpackRequest& request_;
    const Confined& confined_;
    unsigned cores_;
    std::stop_source gone_;
    pull::Counters counters_;
    stream::Decoded decoded_;
    pull::UnpackDone done_;
    std::optional<stream::KeepSink> keep_; // these three outlive the threads that use them
    std::optional<stream::CopySink> copy_;
    std::optional<stream::DigestSink> digest_;
};

pull::UnpackAnswer Line::run(int input, Fd copy, Fd keep) {
    const bool decodes = request_.work == pull::Work::Tree || request_.work == pull::Work::Disk;
    stream::Pipeline line(gone_.get_token());
    stream::Pipe& packed = line.pipe(kPipeBytes);
    stream::Pipe& unpacked = decodes ? line.pipe(kPipeBytes) : packed;
    stream::Sink* next = &packed.in();
    if (keep) {
        next = &keep_.emplace(*next, std::move(keep));
    }
    digest_.emplace(*next, request_.algorithms);
    const KeeperWatch watch(
        [this] {
            answer(pull::UnpackProgress{digest_->size_bytes(), counters_.unpacked_bytes.load(),
                                        counters_.entries.load()});
        },
        gone_);
    line.run("reading", nullptr, &packed, stage([&](const std::stop_token& stop) {
                 if (copy) {
                     copy_.emplace(*next, std::move(copy), stop);
                     digest_->divert(*copy_);
                 }
                 stream::copy_fd(input, request_.name, *digest_, stop);
             }));
    if (decodes) {
        line.run("decompressing", &packed, &unpacked, stage([&](const std::stop_token&) {
                     decoded_ =
                         decompress(packed.out(), unpacked.in(), limits_of(request_, cores_));
                 }));
    }
    line.run(last_stage(request_.work), &unpacked, nullptr, stage([&](const std::stop_token& stop) {
                 done_.what = service_.unpack(
                     {request_, confined_, unpacked.out(), counters_,
                      [this] { return digest_->size_bytes(); },
                      [](std::string_view text) { answer(pull::UnpackWarning{std::string(text)}); },
                      [](std::uint64_t size) { answer(pull::DiskAnnounced{size}); }, stop});
             }));
    try {
        line.wait();
    } catch (const Error& error) {
        if (error.kind() != Kind::Corrupt || !request_.to_the_end) {
            throw;
        }
        digest_the_rest(input);
        return pull::UnpackFailure{error.kind(), error.what(), digest_->digests()};
    }
    return result();
}

// Every byte that was read has been digested and is copied, whatever became of it behind; what is
// damaged is not kept.
void Line::digest_the_rest(int input) {
    if (digest_->digests().empty()) {
        Drain drain;
        if (copy_) {
            copy_->divert(drain, gone_.get_token());
        } else {
            digest_->divert(drain);
        }
        stream::copy_fd(input, request_.name, *digest_, gone_.get_token());
    }
}

pull::UnpackDone Line::result() {
    if (decoded_.garbage_bytes != 0) {
        answer(pull::UnpackWarning{
            fmt::format("{} bytes behind the end of the {} stream (from byte {} on) are no part of "
                        "the image; its digest covers them",
                        decoded_.garbage_bytes, word(decoded_.codec), decoded_.garbage_offset)});
    }
    done_.digests = digest_->digests();
    done_.codec = word(decoded_.codec);
    done_.packed_bytes = digest_->size_bytes();
    done_.not_kept = keep_ ? keep_->why() : "";
    return std::move(done_);
}

pull::UnpackAnswer serve_request(const Service& service, const Confined& confined, unsigned cores) {
    std::optional<Message> message = receive_message(kControlFd, {});
    if (!message) {
        throw Canceled();
    }
    const pull::UnpackRequest request = pull::parse_unpack_request(message->text);
    if (!service.serves(request.work)) {
        throw Error(Kind::Internal, "asked for another work than the program was started for");
    }
    const std::size_t expected = 1U + (request.copy ? 1U : 0U) + (request.keep ? 1U : 0U);
    if (message->fds.size() != expected) {
        throw Error(Kind::Internal, "the request brought {} descriptors, expected {}",
                    message->fds.size(), expected);
    }
    Fd copy = request.copy ? std::move(message->fds[1]) : Fd();
    Fd keep = request.keep ? std::move(message->fds.back()) : Fd();
    if (!service.notice.empty()) {
        answer(pull::UnpackWarning{std::string(service.notice)});
    }
    return Line(service, request, confined, cores)
        .run(message->fds.front().get(), std::move(copy), std::move(keep));
}

pull::UnpackAnswer last_answer(const Service& service) {
    try {
        const unsigned cores = std::thread::hardware_concurrency(); // read from the host's files
        const Confined confined = service.confine();
        return serve_request(service, confined, cores);
    } catch (const Error& error) {
        return pull::UnpackFailure{error.kind(), error.what(), {}};
    } catch (const std::bad_alloc&) {
        return pull::UnpackFailure{Kind::Limit, "unpacking: there is not enough memory", {}};
    } catch (const std::exception& error) {
        if (dynamic_cast<const Canceled*>(&error) != nullptr) {
            throw;
        }
        return pull::UnpackFailure{Kind::Internal, error.what(), {}};
    }
}

} // namespace

int serve(const Service& service) {
    try {
        const pull::UnpackAnswer last = last_answer(service);
        answer(last);
        return std::holds_alternative<pull::UnpackDone>(last) ? 0 : 1;
    } catch (const std::exception&) { // nobody listens any more
        return 1;
    }
}

} // namespace slipway::unpack
