// export-tar and export-raw: the keeper holds the image and listens; slipway-unpack reads it. A
// disk that is not packed becomes a file of shared blocks where that can be, and nobody reads it at
// all.

#include <chrono>
#include <utility>
#include <variant>

#include <poll.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "base/wait.hh"
#include "export/empty_file.hh"
#include "export/exporter.hh"
#include "stream/format.hh"
#include "transfer/delivery.hh"
#include "transfer/export_output.hh"
#include "transfer/export_source.hh"
#include "transfer/job.hh"

namespace slipway::transfer {
namespace {

using Clock = std::chrono::steady_clock;

// How often a silent line is reported on.
constexpr std::chrono::milliseconds kIdle{500};

const stream::Format& format_of(const Request& request) {
    const stream::Format* format =
        stream::find_format(request.format.empty() ? "uncompressed" : request.format);
    if (format == nullptr) {
        throw Error(Kind::InvalidArgument,
                    "{} is no format; expected uncompressed, gzip, xz, zstd, bzip2 or lz4",
                    quoted(request.format));
    }
    stream::check_level(*format, request.level);
    return *format;
}

class Export {
public:
    Export(const Job& job, Fd given)
        : job_(job), format_(format_of(job.request)), output_(adopt_output(std::move(given))),
          source_(job) {}

    Ended run() {
        job_.report.stage("export");
        job_.report.expect(source_.size_bytes());
        const exports::Exported done = share() ? digest_shared() : write();
        source_.check();
        return ended(done);
    }

private:
    bool is_disk() const noexcept { return brings_disk(job_.request.verb); }

    bool share() const {
        return is_disk() && format_.codec == stream::Codec::Plain &&
               exports::is_empty_file(output_.get()) && share_blocks(source_.fd(), output_.get());
    }

    exports::Exported digest_shared();
    exports::Exported write();
    std::optional<exports::Exported> hear(const exports::ExportAnswer& answer);
    Ended ended(const exports::Exported& done) const;

    const Job& job_;
    const stream::Format& format_;
    Fd output_;
    ExportSource source_;
};

// The disk is the output.
exports::Exported Export::digest_shared() {
    exports::Exported done;
    done.read_bytes = done.written_bytes = source_.size_bytes().value_or(0);
    if (job_.request.checksum) {
        pull::UnpackRequest request;
        request.work = pull::Work::Digest;
        request.algorithms = {stream::Algorithm::Sha256};
        request.name = job_.request.name;
        done.digests =
            unpack_input(source_.fd(), request, Target{}, job_.report, job_.stop).digests;
    }
    return done;
}

exports::Exported Export::write() {
    exports::ExportRequest request;
    request.work = is_disk() ? exports::Work::Raw : exports::Work::Tar;
    request.codec = format_.codec;
    request.level = job_.request.level;
    request.privileged_xattrs = job_.request.tar.privileged_xattrs;
    if (job_.request.checksum) {
        request.algorithms = {stream::Algorithm::Sha256};
    }
    exports::Exporter exporter(request, source_.fd(), output_.get());
    for (;;) {
        if (!wait_for(exporter.socket(), POLLIN, job_.stop, Clock::now() + kIdle)) {
            job_.report.idle(Clock::now());
            continue;
        }
        if (auto done = hear(exporter.next(job_.stop))) {
            return std::move(*done);
        }
    }
}

// What was exported, once it is.
std::optional<exports::Exported> Export::hear(const exports::ExportAnswer& answer) {
    if (const auto* progress = std::get_if<exports::ExportProgress>(&answer)) {
        Amounts amounts{progress->read_bytes, progress->read_bytes, std::nullopt};
        if (!is_disk()) {
            amounts.entries = progress->entries;
        }
        job_.report.progress(Clock::now(), amounts);
    } else if (const auto* warning = std::get_if<exports::ExportWarning>(&answer)) {
        job_.report.log(LogLevel::Warning, relayed(warning->text));
    } else if (const auto* failure = std::get_if<exports::ExportFailure>(&answer)) {
        throw Error(failure->kind, "{}; what was written is not whole", relayed(failure->text));
    } else {
        return std::get<exports::Exported>(answer);
    }
    return std::nullopt;
}

Ended Export::ended(const exports::Exported& done) const {
    Amounts amounts{done.read_bytes, done.read_bytes, std::nullopt};
    if (!is_disk()) {
        amounts.entries = done.entries;
    }
    job_.report.expect(done.read_bytes);
    job_.report.complete(Clock::now(), amounts);
    const storage::Image& image = source_.image();
    Ended ended{.outcome = Outcome::Done, .status = 0};
    ended.text = fmt::format(
        "exported {}: {}{} {}", quoted(image.name.text()),
        is_disk() ? "" : fmt::format("{} entries, ", done.entries), format_size(done.written_bytes),
        format_.codec == stream::Codec::Plain ? "not packed" : fmt::format("of {}", format_.word));
    ended.name = image.name.text();
    ended.type = storage::word(image.type);
    ended.size_bytes = done.written_bytes;
    if (const auto digest = done.digests.find(stream::Algorithm::Sha256);
        digest != done.digests.end()) {
        ended.digest = digest->second;
    }
    return ended;
}

} // namespace

Ended export_image(const Job& job, Fd given) {
    return Export(job, std::move(given)).run();
}

} // namespace slipway::transfer
