// What one pull adds to the kept downloads. Nothing that goes wrong here is an error of the pull:
// it ends the keeping, with one notice.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/url.hh"
#include "base/verdict.hh"
#include "cache/bounds.hh"
#include "cache/making.hh"
#include "cache/store.hh"
#include "fetch/wire.hh"
#include "pull/wire.hh"
#include "transfer/job.hh"
#include "verify/remembering_library.hh"

namespace slipway::transfer {

/// One attempt's.
class Keeping {
public:
    enum class Wish { No, Yes };
    /// @param wish  No: nothing is kept, and nothing costs anything
    Keeping(const Job& job, Url image, Wish wish);

    bool is_on() const noexcept { return making_.has_value(); }
    /// Gives up: nothing is kept.
    /// @param why  behind "the download is not kept: "
    void stop(std::string_view why);
    /// The image's staging fills the same volume as the cache does.
    bool fills_volume_of(int staging) const;

    /// Where the image's bytes go, too; -1: nowhere. Borrowed.
    int image(std::optional<std::uint64_t> length_bytes);
    void heard(const fetch::Head& head);

    /// Where the bytes of a file beside it go, too; -1: nowhere. Borrowed until the next call.
    /// What was begun before and did not come is dropped.
    int companion(const Url& url);
    void companion_came(const pull::UnpackDone& done);
    void companion_is_absent(const Url& url, int status);

    /// Once the image is stored: the entry appears, and the cache is kept within its bounds.
    /// @param content  what came; of a kept download what was read of it
    void finish(const pull::UnpackDone& content, const verify::RememberingLibrary& library,
                const Verdict& verdict);

private:
    void guard(const std::function<void()>& work);
    void open(const Url& image);
    void drop_companion();
    void add(cache::Companion companion);
    void add_papers(const verify::RememberingLibrary& library);
    void prune(const std::string& spare);

    const Job& job_;
    std::optional<cache::Store> store_;
    std::optional<cache::Making> making_; ///< none: nothing is kept
    cache::Bounds bounds_;
    cache::Publication publication_;
    Fd image_;
    std::optional<cache::Making::NewFile> companion_;
    std::string companion_address_;
};

} // namespace slipway::transfer
