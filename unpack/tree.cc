// Threads: three stages, and one that watches the keeper and tells it of progress. Datagrams are
// whole, so warnings may be sent from the stage that has them.

#include "unpack/tree.hh"

#include <algorithm>
#include <functional>
#include <new>
#include <optional>
#include <thread>

#include "base/error.hh"
#include "base/message.hh"
#include "base/wait.hh"
#include "pull/unpack_tar.hh"
#include "pull/wire.hh"
#include "stream/decode.hh"
#include "stream/digest.hh"
#include "stream/fd_stream.hh"
#include "stream/pipeline.hh"

namespace slipway::unpack {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};
constexpr std::size_t kPipeBytes = 2 * MiB; // each of two
constexpr unsigned kMaxThreads = 8;

void answer(const pull::UnpackAnswer& what) {
    send_message(kControlFd, pull::to_json(what));
}

// One thread that runs beside the stages until it is destroyed.
class KeeperWatch {
public:
    KeeperWatch(std::function<pull::UnpackProgress()> progress, std::stop_source gone)
        : progress_(std::move(progress)), gone_(std::move(gone)),
          thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

private:
    void run(std::stop_token stop) noexcept {
        try {
            Waiter waiter(std::move(stop)); // once: descriptors may be scarce later
            pollfd control{kControlFd, POLLIN, 0};
            while (waiter.poll({&control, 1},
                               std::chrono::steady_clock::now() + kProgressInterval) == 0) {
                answer(progress_());
            }
            // There is nothing that a keeper says after the request: it has closed its end.
            gone_.request_stop();
        } catch (const Canceled&) { // all is done
        } catch (const std::exception&) {
            gone_.request_stop();
        }
    }

    std::function<pull::UnpackProgress()> progress_;
    std::stop_source gone_;
    std::jthread thread_;
};

stream::DecodeLimits limits_of(const pull::UnpackRequest& request, unsigned cores) {
    stream::DecodeLimits limits;
    limits.memory_bytes = request.memory_bytes != 0 ? request.memory_bytes : limits.memory_bytes;
    limits.threading_memory_bytes =
        request.threading_bytes != 0 ? request.threading_bytes : limits.threading_memory_bytes;
    limits.threads = std::clamp(request.threads != 0 ? request.threads : cores, 1U, kMaxThreads);
    return limits;
}

// A stage whose want of memory is told as what it is.
template <typename Work>
std::function<void(std::stop_token)> stage(Work work) {
    return [work = std::move(work)](const std::stop_token& stop) {
        try {
            work(stop);
        } catch (const std::bad_alloc&) {
            throw Error(Kind::Limit, "there is not enough memory");
        }
    };
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

pull::UnpackDone unpack(const pull::UnpackRequest& request, int input, int root, unsigned cores) {
    std::stop_source gone;
    pull::Counters counters;
    stream::Decoded decoded;
    pull::Unpacked tree;
    std::optional<stream::DigestSink> digest; // outlives the threads that use it
    stream::Pipeline line(gone.get_token());
    stream::Pipe& packed = line.pipe(kPipeBytes);
    stream::Pipe& unpacked = line.pipe(kPipeBytes);
    digest.emplace(packed.in(), request.algorithms);
    const KeeperWatch watch(
        [&] {
            return pull::UnpackProgress{digest->size_bytes(), counters.unpacked_bytes.load(),
                                        counters.entries.load()};
        },
        gone);
    line.run("reading", nullptr, &packed, stage([&](const std::stop_token& stop) {
                 stream::copy_fd(input, request.name, *digest, stop);
             }));
    line.run("decompressing", &packed, &unpacked, stage([&](const std::stop_token&) {
                 decoded = decompress(packed.out(), unpacked.in(), limits_of(request, cores));
             }));
    line.run("unpacking", &unpacked, nullptr, stage([&](const std::stop_token&) {
                 tree = pull::unpack_tar(
                     unpacked.out(), root, request.tar, request.budget, counters,
                     [&] { return digest->size_bytes(); },
                     [](std::string_view text) { answer(pull::UnpackWarning{std::string(text)}); });
             }));
    line.wait();
    if (decoded.garbage_bytes != 0) {
        answer(pull::UnpackWarning{
            fmt::format("{} bytes behind the end of the {} stream (from byte {} on) are no part of "
                        "the image; its digest covers them",
                        decoded.garbage_bytes, word(decoded.codec), decoded.garbage_offset)});
    }
    return {digest->digests(), std::string(word(decoded.codec)), decoded.packed_bytes, tree};
}

pull::UnpackDone serve(const Confined& confined, Rights rights, unsigned cores) {
    std::optional<Message> message = receive_message(kControlFd, {});
    if (!message) {
        throw Canceled();
    }
    const pull::UnpackRequest request = pull::parse_unpack_request(message->text);
    if (message->fds.size() != 1) {
        throw Error(Kind::Internal, "the request brought {} descriptors, expected the input alone",
                    message->fds.size());
    }
    if (rights == Rights::Privileged) {
        answer(pull::UnpackWarning{"trusted.* and security.* attributes are kept: the unpacking "
                                   "program holds CAP_SYS_ADMIN for it"});
    }
    return unpack(request, message->fds.front().get(), confined.root.get(), cores);
}

pull::UnpackAnswer last_answer(Rights rights) {
    try {
        const unsigned cores = std::thread::hardware_concurrency(); // read from the host's files
        const Confined confined = raise_fences(View::Staging, rights);
        return serve(confined, rights, cores);
    } catch (const Error& error) {
        return pull::UnpackFailure{error.kind(), error.what()};
    } catch (const std::bad_alloc&) {
        return pull::UnpackFailure{Kind::Limit, "unpacking: there is not enough memory"};
    } catch (const std::exception& error) {
        if (dynamic_cast<const Canceled*>(&error) != nullptr) {
            throw;
        }
        return pull::UnpackFailure{Kind::Internal, error.what()};
    }
}

} // namespace

int serve_tree(Rights rights) {
    try {
        const pull::UnpackAnswer last = last_answer(rights);
        answer(last);
        return std::holds_alternative<pull::UnpackDone>(last) ? 0 : 1;
    } catch (const std::exception&) { // nobody listens any more
        return 1;
    }
}

} // namespace slipway::unpack
