// The stages of one transfer, each a thread, joined by pipes. The first failure wins and names its
// stage; the others are stopped and their echoes dropped.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "stream/pipe.hh"

namespace slipway::stream {

class Pipeline {
public:
    /// `stop`: requested from outside, it cancels every stage.
    explicit Pipeline(std::stop_token stop);
    /// Stops and joins what still runs; never throws.
    ~Pipeline();
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    /// A pipe that lives as long as the pipeline and listens to its stop.
    Pipe& pipe(std::size_t capacity_bytes);

    /// Starts `work` on a thread of its own. When it throws, every stage is stopped; the message
    /// of an Error gets `stage` put in front. `reads` and `writes` are the pipes the stage uses:
    /// they are left and failed on its behalf when it ends.
    void run(std::string_view stage, Pipe* reads, Pipe* writes,
             std::function<void(std::stop_token)> work);

    /// Waits for all stages. @throws the first failure; Canceled only when nothing failed.
    void wait();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::stream
