// Documents that will probably be asked for, and what has come of them so far. Sends nothing
// itself: it says what is to be asked for next and which requests are to be canceled.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/url.hh"
#include "fetch/incoming.hh"

namespace slipway::fetch {

enum class Cache { Use, LookAgain };

/// A document that is to be fetched ahead.
struct Wanted {
    Url url;
    std::uint64_t limit_bytes = 0;
    Cache cache = Cache::Use;
};

class Announced {
public:
    struct Ahead {
        Wanted wanted;
        std::optional<Incoming> incoming; ///< nothing: not asked for yet
    };
    using Ids = std::vector<std::uint64_t>;

    /// What was announced before and is announced again stays as it is. The ids of requests that
    /// nobody wants any more.
    Ids replace(std::vector<Wanted> documents);
    /// The first that is to be asked for; nothing when every one was, or when enough is held in
    /// memory.
    Ahead* next();
    /// Takes one out of the list, with what has come of it.
    std::optional<Incoming> take(const Wanted& wanted);

    /// How many slipway-fetch is working on.
    unsigned count_under_way() const;
    /// The last of those goes back to what is to be asked for. Its id.
    Ids put_back_last();
    /// All of those. Their ids.
    Ids put_back_all();

    /// Of others than these nobody takes notice.
    void hear(const IdentifiedAnswer& answer);
    /// Those whose pipes are to be read; none when enough is held in memory.
    std::vector<Incoming*> readers();

private:
    std::vector<Ahead>::iterator find(const Wanted& wanted);
    bool is_full() const;

    std::vector<Ahead> all_;
};

} // namespace slipway::fetch
