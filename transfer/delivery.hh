// The way of an image's bytes through slipway-fetch and slipway-unpack into the staging, as the
// keeper sees it: it touches none of them, it listens to both programs.

#pragma once

#include <optional>
#include <stop_token>

#include "base/url.hh"
#include "fetch/fetcher.hh"
#include "pull/unpacker.hh"
#include "transfer/report.hh"

namespace slipway::transfer {

/// One image whose server has begun to send it.
struct Download {
    fetch::Fetcher& fetcher;
    Url url;
    Fd pipe; ///< where the bytes arrive
    fetch::Head head;
};

/// Asks for the image and waits for the server's first answer, before anything reads its bytes.
/// Nothing when the content changed while it was asked for.
/// @throws Error  NotFound (404, 410), Denied (401, 403, 407), Network; Canceled
std::optional<Download> begin_download(fetch::Fetcher& fetcher, const Url& url, fetch::Cache cache,
                                       Report& report, const std::stop_token& stop);

/// Unpacks bytes that are at hand: a file, a pipe, a socket.
/// @throws Error  what slipway-unpack refused, or how it died; Canceled
pull::UnpackDone unpack_input(int input, const pull::UnpackRequest& request, int staging,
                              Report& report, const std::stop_token& stop);

/// Unpacks what is downloaded meanwhile. Nothing when the content changed on the server: what has
/// been unpacked is of two versions.
/// @throws Error  the first cause: what the network did, what slipway-unpack refused, or which of
///                the two died and how; Canceled
std::optional<pull::UnpackDone> unpack_download(Download download,
                                                const pull::UnpackRequest& request, int staging,
                                                Report& report, const std::stop_token& stop);

} // namespace slipway::transfer
