// Reading and packing are the rooms' below; here are the fences, the socket and the line: one
// thread reads the image, one writes what the packing threads have made.

#include "unpack/export.hh"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "base/error.hh"
#include "base/message.hh"
#include "export/empty_file.hh"
#include "export/write_disk.hh"
#include "export/write_tar.hh"
#include "stream/digest.hh"
#include "stream/encode.hh"
#include "stream/fd_sink.hh"
#include "stream/pipeline.hh"
#include "unpack/keeper_watch.hh"
#include "unpack/stage.hh"

namespace slipway::unpack {
namespace {

using exports::Work;

constexpr std::size_t kPipeBytes = 2 * MiB;
constexpr unsigned kMaxThreads = 64;

void answer(const exports::ExportAnswer& what) {
    send_message(kControlFd, exports::to_json(what));
}

// What is exported, and where to.
struct Ends {
    int tree = -1; ///< of Work::Tar
    Fd disk;       ///< of Work::Raw
    Fd output;
};

class Line {
public:
    Line(const exports::ExportRequest& request, const Ends& ends, unsigned cores)
        : request_(request), ends_(ends), cores_(cores) {}

    exports::Exported run() {
        const KeeperWatch watch(
            [this] {
                answer(
                    exports::ExportProgress{counters_.read_bytes.load(), counters_.entries.load()});
            },
            gone_);
        const bool copies = request_.work == Work::Raw && request_.codec == stream::Codec::Plain &&
                            exports::is_empty_file(ends_.output.get());
        if (copies) {
            copy();
        } else {
            pack();
        }
        return std::move(done_);
    }

private:
    void copy();
    void pack();
    void read(stream::Sink& out);
    void write(stream::Source& in, const std::stop_token& stop);

    const exports::ExportRequest& request_;
    const Ends& ends_;
    unsigned cores_;
    std::stop_source gone_;
    exports::Counters counters_;
    exports::Exported done_;
};

// A file from a file: nothing is packed, and holes stay holes.
void Line::copy() {
    std::vector<stream::Digest> digests;
    for (const stream::Algorithm algorithm : request_.algorithms) {
        digests.emplace_back(algorithm);
    }
    if (digests.size() > 1) {
        throw Error(Kind::Internal, "a copy has one digest at most");
    }
    stream::Pipeline line(gone_.get_token());
    line.run("copying", nullptr, nullptr, stage([&](const std::stop_token& stop) {
                 done_.read_bytes = exports::copy_disk(ends_.disk.get(), ends_.output.get(),
                                                       digests.empty() ? nullptr : &digests.front(),
                                                       counters_, stop);
             }));
    line.wait();
    done_.written_bytes = done_.read_bytes;
    for (stream::Digest& digest : digests) {
        done_.digests[digest.algorithm()] = digest.finish();
    }
}

void Line::pack() {
    stream::Pipeline line(gone_.get_token());
    stream::Pipe& plain = line.pipe(kPipeBytes);
    line.run("reading", nullptr, &plain, stage([&](const std::stop_token&) { read(plain.in()); }));
    line.run("writing", &plain, nullptr,
             stage([&](const std::stop_token& stop) { write(plain.out(), stop); }));
    line.wait();
}

void Line::read(stream::Sink& out) {
    if (request_.work == Work::Raw) {
        done_.read_bytes = exports::write_disk(ends_.disk.get(), out, counters_);
    } else {
        const exports::WrittenTar tar = exports::write_tar(
            ends_.tree, request_.privileged_xattrs, out, counters_,
            [](std::string_view text) { answer(exports::ExportWarning{std::string(text)}); });
        done_.read_bytes = tar.size_bytes;
        done_.entries = tar.entries;
        done_.sockets = tar.sockets;
    }
    out.finish();
}

void Line::write(stream::Source& in, const std::stop_token& stop) {
    stream::FdSink file(ends_.output.get(), "the output", stop);
    stream::DigestSink digest(file, request_.algorithms);
    const auto encoder = stream::make_encoder(
        digest, {.codec = request_.codec,
                 .level = request_.level,
                 .threads = std::clamp(request_.threads != 0 ? request_.threads : cores_, 1U,
                                       kMaxThreads)});
    for (Bytes piece = in.next(); !piece.empty(); piece = in.next()) {
        encoder->write(piece);
    }
    encoder->finish();
    done_.written_bytes = digest.size_bytes();
    done_.digests = digest.digests();
}

exports::Exported serve_request(Work work, const Confined& confined, unsigned cores) {
    std::optional<Message> message = receive_message(kControlFd, {});
    if (!message) {
        throw Canceled();
    }
    const exports::ExportRequest request = exports::parse_export_request(message->text);
    if (request.work != work) {
        throw Error(Kind::Internal, "asked for another work than the program was started for");
    }
    const std::size_t expected = work == Work::Tar ? 1 : 2;
    if (message->fds.size() != expected) {
        throw Error(Kind::Internal, "the request brought {} descriptors, expected {}",
                    message->fds.size(), expected);
    }
    Ends ends;
    ends.output = std::move(message->fds.back());
    if (work == Work::Tar) {
        ends.tree = confined.root.get();
    } else {
        ends.disk = std::move(message->fds.front());
    }
    return Line(request, ends, cores).run();
}

exports::ExportAnswer last_answer(Work work, Rights rights) {
    try {
        const unsigned cores = std::thread::hardware_concurrency(); // read from the host's files
        const Confined confined =
            work == Work::Tar ? raise_reading_fences(View::Staging, rights, kTargetFd)
                              : raise_reading_fences(View::Nothing, Rights::None, kControlFd);
        return serve_request(work, confined, cores);
    } catch (const Error& error) {
        return exports::ExportFailure{error.kind(), error.what()};
    } catch (const std::bad_alloc&) {
        return exports::ExportFailure{Kind::Limit, "there is not enough memory"};
    } catch (const std::exception& error) {
        if (dynamic_cast<const Canceled*>(&error) != nullptr) {
            throw;
        }
        return exports::ExportFailure{Kind::Internal, error.what()};
    }
}

} // namespace

int serve_export(Work work, Rights rights) {
    try {
        const exports::ExportAnswer last = last_answer(work, rights);
        answer(last);
        return std::holds_alternative<exports::Exported>(last) ? 0 : 1;
    } catch (const std::exception&) { // nobody listens any more
        return 1;
    }
}

} // namespace slipway::unpack
