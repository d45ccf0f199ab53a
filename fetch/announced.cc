// A list in the order of its announcement.

#include "fetch/announced.hh"

#include <algorithm>
#include <utility>

#include "base/bytes.hh"

namespace slipway::fetch {
namespace {

// What came ahead is held in memory; over this nothing more is asked for ahead, or read.
constexpr std::uint64_t kMaxHeldBytes = 16 * MiB;

bool is_same(const Wanted& a, const Wanted& b) {
    return a.url.text() == b.url.text() && a.limit_bytes == b.limit_bytes && a.cache == b.cache;
}

bool is_under_way(const Announced::Ahead& ahead) {
    return ahead.incoming && ahead.incoming->is_under_way();
}

void put_back(Announced::Ahead& ahead, Announced::Ids& ids) {
    if (is_under_way(ahead)) {
        ids.push_back(ahead.incoming->id());
        ahead.incoming.reset();
    }
}

} // namespace

Announced::Ids Announced::replace(std::vector<Wanted> documents) {
    std::vector<Ahead> next;
    for (Wanted& wanted : documents) {
        const auto known = find(wanted);
        next.push_back({std::move(wanted), std::nullopt});
        if (known != all_.end()) {
            next.back().incoming = std::exchange(known->incoming, std::nullopt);
        }
    }
    Ids ids = put_back_all();
    all_ = std::move(next);
    return ids;
}

Announced::Ahead* Announced::next() {
    const auto found =
        std::find_if(all_.begin(), all_.end(), [](const Ahead& ahead) { return !ahead.incoming; });
    return found == all_.end() || is_full() ? nullptr : &*found;
}

std::optional<Incoming> Announced::take(const Wanted& wanted) {
    const auto known = find(wanted);
    if (known == all_.end()) {
        return std::nullopt;
    }
    std::optional<Incoming> incoming = std::move(known->incoming);
    all_.erase(known);
    return incoming;
}

unsigned Announced::count_under_way() const {
    return static_cast<unsigned>(std::count_if(all_.begin(), all_.end(), is_under_way));
}

Announced::Ids Announced::put_back_last() {
    Ids ids;
    const auto last = std::find_if(all_.rbegin(), all_.rend(), is_under_way);
    if (last != all_.rend()) {
        put_back(*last, ids);
    }
    return ids;
}

Announced::Ids Announced::put_back_all() {
    Ids ids;
    for (Ahead& ahead : all_) {
        put_back(ahead, ids);
    }
    return ids;
}

void Announced::hear(const IdentifiedAnswer& answer) {
    for (Ahead& ahead : all_) {
        if (ahead.incoming && ahead.incoming->id() == answer.id) {
            ahead.incoming->hear(answer.answer);
        }
    }
}

std::vector<Incoming*> Announced::readers() {
    std::vector<Incoming*> found;
    if (is_full()) {
        return found;
    }
    for (Ahead& ahead : all_) {
        if (ahead.incoming && ahead.incoming->pipe() >= 0) {
            found.push_back(&*ahead.incoming);
        }
    }
    return found;
}

std::vector<Announced::Ahead>::iterator Announced::find(const Wanted& wanted) {
    return std::find_if(all_.begin(), all_.end(),
                        [&wanted](const Ahead& ahead) { return is_same(ahead.wanted, wanted); });
}

bool Announced::is_full() const {
    std::uint64_t held = 0;
    for (const Ahead& ahead : all_) {
        held += ahead.incoming ? ahead.incoming->held_bytes() : 0;
    }
    return held > kMaxHeldBytes;
}

} // namespace slipway::fetch
