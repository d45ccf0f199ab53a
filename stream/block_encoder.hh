// Packing by blocks: the input is cut at fixed places, several threads pack a block each, and the
// results are passed on in the order of the input. Internal to the room.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "stream/sink.hh"

namespace slipway::stream {

struct PackedBlock {
    std::vector<std::byte> bytes{};
    std::uint64_t plain_bytes = 0;
    std::uint32_t check = 0; ///< of the plain bytes, as the format has it
};

/// What a format does with one block, and how blocks become a stream.
class BlockPacker {
public:
    virtual ~BlockPacker() = default;
    virtual std::size_t block_bytes() const noexcept = 0;
    /// How much of the block before a block is packed with: a dictionary.
    virtual std::size_t context_bytes() const noexcept { return 0; }
    /// Called from several threads at once.
    /// @param before  the last context_bytes() of the block before; empty for the first one
    /// @param last    the only block that may be shorter, or empty
    virtual PackedBlock pack(Bytes before, Bytes block, bool last) const = 0;
    /// What stands in front of the first block.
    virtual void begin(Sink& out) = 0;
    /// The next block.
    virtual void add(const PackedBlock& block, Sink& out) = 0;
    /// What stands behind the last one.
    virtual void end(Sink& out) = 0;
};

class BlockEncoder final : public Sink {
public:
    BlockEncoder(Sink& next, std::unique_ptr<BlockPacker> packer, unsigned threads);
    ~BlockEncoder() override;
    BlockEncoder(const BlockEncoder&) = delete;
    BlockEncoder& operator=(const BlockEncoder&) = delete;

    std::span<std::byte> room() override;
    void advance(std::size_t size) override;
    void finish() override;

private:
    struct Job {
        std::vector<std::byte> before;
        std::vector<std::byte> block;
        std::size_t size = 0; ///< of the block
        bool last = false;
        bool done = false;
        PackedBlock packed;
        std::exception_ptr failure;
    };

    void submit(bool last);
    void pass_on_oldest();
    void work();

    Sink& next_;
    std::unique_ptr<BlockPacker> packer_;
    std::size_t max_threads_;
    bool begun_ = false;
    std::unique_ptr<Job> filling_;

    std::mutex mutex_; ///< guards the three below, and `done` of every job
    std::condition_variable waiting_;
    std::condition_variable packed_;
    std::deque<Job*> queue_; ///< not yet taken by a thread
    bool stopping_ = false;

    std::deque<std::unique_ptr<Job>> jobs_; ///< in the order of the input
    std::vector<std::unique_ptr<Job>> spare_;
    std::vector<std::jthread> threads_; ///< last: they use all of it
};

} // namespace slipway::stream
