// A ring of chunks. Each belongs to one side at a time, so that bytes are touched without the lock;
// the lock guards only who owns which. The writer owns slot `write_slot_` while it fills it, the
// reader the slot it was handed last; `handed_over` counts what is between, the reader's included.

#include "stream/pipe.hh"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "base/error.hh"

namespace slipway::stream {
namespace {

struct Chunk {
    std::unique_ptr<std::byte[]> bytes; ///< made when first needed
    std::size_t used = 0;
};

// What both ends share. All but `chunks` and the two constants is guarded by `mutex`; the atomics
// may also be read without it.
struct Ring {
    Ring(std::size_t count, std::size_t size) : chunk_bytes(size), chunks(count) {}

    const std::size_t chunk_bytes;
    std::vector<Chunk> chunks;

    std::mutex mutex;
    std::condition_variable not_full;
    std::condition_variable not_empty;
    std::size_t handed_over = 0;
    bool finished = false;
    bool failed = false;
    std::exception_ptr reason; ///< until the reader takes it
    std::atomic<bool> left{false};
    std::atomic<bool> stopped{false};

    std::size_t after(std::size_t slot) const noexcept { return (slot + 1) % chunks.size(); }

    void stop() noexcept {
        const std::lock_guard lock(mutex);
        stopped = true;
        not_full.notify_all();
        not_empty.notify_all();
    }
};

class WriteEnd final : public Sink {
public:
    explicit WriteEnd(Ring& ring) : ring_(ring) {}

    std::span<std::byte> room() override {
        if (ring_.stopped || ring_.left) {
            throw Canceled();
        }
        if (!open_) {
            wait_for_slot();
        }
        const Chunk& chunk = ring_.chunks[slot_];
        return {chunk.bytes.get() + filled_, ring_.chunk_bytes - filled_};
    }

    void advance(std::size_t size) override {
        assert(size <= (open_ ? ring_.chunk_bytes - filled_ : 0));
        filled_ += size;
        if (open_ && filled_ == ring_.chunk_bytes) {
            hand_over();
        }
    }

    void finish() override {
        if (ring_.stopped || ring_.left) {
            throw Canceled();
        }
        hand_over();
        const std::lock_guard lock(ring_.mutex);
        assert(!ring_.finished && !ring_.failed);
        ring_.finished = true;
        ring_.not_empty.notify_one();
    }

    void fail(std::exception_ptr reason) noexcept {
        hand_over();
        const std::lock_guard lock(ring_.mutex);
        if (ring_.finished || ring_.failed) {
            return;
        }
        ring_.failed = true;
        ring_.reason = std::move(reason);
        ring_.not_empty.notify_one();
    }

private:
    void wait_for_slot() {
        {
            std::unique_lock lock(ring_.mutex);
            ring_.not_full.wait(lock, [this] {
                return ring_.handed_over < ring_.chunks.size() || ring_.left || ring_.stopped;
            });
        }
        if (ring_.stopped || ring_.left) {
            throw Canceled();
        }
        Chunk& chunk = ring_.chunks[slot_];
        if (!chunk.bytes) {
            chunk.bytes = std::make_unique_for_overwrite<std::byte[]>(ring_.chunk_bytes);
        }
        filled_ = 0;
        open_ = true;
    }

    // The reader waits only when it has nothing at all. It is woken without the lock, which it
    // would have to wait for.
    void hand_over() noexcept {
        if (!open_ || filled_ == 0) {
            return;
        }
        ring_.chunks[slot_].used = filled_;
        slot_ = ring_.after(slot_);
        open_ = false;
        bool was_empty = false;
        {
            const std::lock_guard lock(ring_.mutex);
            was_empty = ring_.handed_over++ == 0;
        }
        if (was_empty) {
            ring_.not_empty.notify_one();
        }
    }

    Ring& ring_;
    std::size_t slot_ = 0;
    std::size_t filled_ = 0;
    bool open_ = false; ///< slot_ is ours and being filled
};

class ReadEnd final : public Source {
public:
    explicit ReadEnd(Ring& ring) : ring_(ring) {}

    Bytes next() override {
        std::unique_lock lock(ring_.mutex);
        give_back();
        ring_.not_empty.wait(lock, [this] {
            return ring_.handed_over > 0 || ring_.finished || ring_.failed || ring_.stopped;
        });
        if (ring_.stopped) {
            throw Canceled();
        }
        if (ring_.handed_over > 0) {
            holding_ = true;
            const Chunk& chunk = ring_.chunks[slot_];
            return {chunk.bytes.get(), chunk.used};
        }
        if (ring_.failed) {
            if (const std::exception_ptr reason = std::exchange(ring_.reason, nullptr)) {
                std::rethrow_exception(reason);
            }
            throw Canceled();
        }
        return {};
    }

    void leave() noexcept {
        const std::lock_guard lock(ring_.mutex);
        ring_.left = true;
        ring_.not_full.notify_one();
    }

private:
    // With the lock held. The writer waits only when every chunk is on this side, and then until
    // half of them are free: woken for each one it would fill that one and wait again.
    void give_back() noexcept {
        if (!std::exchange(holding_, false)) {
            return;
        }
        slot_ = ring_.after(slot_);
        if (--ring_.handed_over == ring_.chunks.size() / 2) {
            ring_.not_full.notify_one();
        }
    }

    Ring& ring_;
    std::size_t slot_ = 0;
    bool holding_ = false;
};

} // namespace

struct Pipe::State {
    State(std::size_t count, std::size_t chunk_bytes, const std::stop_token& stop)
        : ring(count, chunk_bytes), in(ring), out(ring), on_stop(stop, [this] { ring.stop(); }) {}

    Ring ring;
    WriteEnd in;
    ReadEnd out;
    std::stop_callback<std::function<void()>> on_stop;
};

Pipe::Pipe(std::size_t capacity_bytes, std::stop_token stop, std::size_t chunk_bytes)
    : state_(std::make_unique<State>(std::max<std::size_t>(2, capacity_bytes / chunk_bytes),
                                     chunk_bytes, stop)) {}

Pipe::~Pipe() = default;

Sink& Pipe::in() noexcept {
    return state_->in;
}

Source& Pipe::out() noexcept {
    return state_->out;
}

void Pipe::fail(std::exception_ptr reason) noexcept {
    state_->in.fail(std::move(reason));
}

void Pipe::leave() noexcept {
    state_->out.leave();
}

} // namespace slipway::stream
