// The way of bytes through slipway-fetch and slipway-unpack into the staging, as the keeper sees
// it: it touches none of them, it listens to both programs.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <variant>

#include "base/url.hh"
#include "fetch/fetcher.hh"
#include "pull/unpacker.hh"
#include "transfer/report.hh"

namespace slipway::transfer {

/// Where bytes go: descriptors as pull::Unpacker wants them. Borrowed.
struct Target {
    int fd = -1;
    int scratch = -1;
    int copy = -1; ///< a pipe that the packed bytes go to as well; -1: nowhere
    int keep = -1; ///< a file that they go to as well; -1: nowhere
    /// Told how large a disk is going to be, where its header says so.
    std::function<void(std::uint64_t size_bytes)> on_size{};
    /// Told what the server says of the file, as long as nothing of it has come.
    std::function<void(const fetch::Head& head)> on_head{};
    /// Told the digests of content that is damaged: throws when that is the lesser thing to say.
    std::function<void(const stream::Digests& digests)> on_damage{};
};

/// One file whose server has begun to send it.
struct Download {
    fetch::Fetcher& fetcher;
    Url url;
    Fd pipe; ///< where the bytes arrive
    fetch::Head head;
};

/// The server's first answer: it sends the file, has none to send, or the file changed while it was
/// asked for, which has been told.
using Beginning = std::variant<Download, fetch::Status, fetch::Changed>;

/// Asks for a file and waits for that answer, before anything reads its bytes.
/// @param limit_bytes  more is an error of Kind::Limit; 0: no limit
/// @throws Error  Network, Limit; Canceled
Beginning begin_download(fetch::Fetcher& fetcher, const Url& url, std::uint64_t limit_bytes,
                         fetch::Cache cache, Report& report, const std::stop_token& stop);

/// The line that a person sees of an attempt that failed.
std::string retry_line(const Url& url, const fetch::Retry& retry);

/// The refusal of an image that the server has none to send for.
/// @throws Error  NotFound (404, 410), Denied (401, 403, 407), Network
[[noreturn]] void refuse_status(const Url& url, const fetch::Status& answer);

/// Unpacks bytes that are at hand: a file, a pipe, a socket.
/// @throws Error  what slipway-unpack refused, or how it died; Canceled
pull::UnpackDone unpack_input(int input, const pull::UnpackRequest& request, const Target& target,
                              Report& report, const std::stop_token& stop);

/// Unpacks what is downloaded meanwhile. Nothing when the content changed on the server: what has
/// been unpacked is of two versions.
/// @throws Error  the first cause: what the network did, what slipway-unpack refused, or which of
///                the two died and how; Canceled
std::optional<pull::UnpackDone> unpack_download(Download download,
                                                const pull::UnpackRequest& request,
                                                const Target& target, Report& report,
                                                const std::stop_token& stop);

} // namespace slipway::transfer
