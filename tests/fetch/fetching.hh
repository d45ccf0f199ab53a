// The real slipway-fetch, driven through Fetcher as the keeper drives it, and what came of it as a
// value that tests compare.

#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fetch/fetcher.hh"

namespace slipway::tests {

/// The patience of tests: the first step of the back-off is 1 ms, a stall is noticed in 1 s.
fetch::Settings quick();

fetch::Fetcher make_fetcher(const fetch::Settings& settings = quick());

/// What start() and next() brought.
struct Fetched {
    std::string body;                  ///< all that came through the pipe
    std::vector<fetch::Answer> before; ///< heads and retries
    fetch::Answer answer;              ///< the one that ended it

    std::vector<fetch::Retry> retries() const;
    fetch::Head head() const; ///< the last one
    bool is_end() const { return std::holds_alternative<fetch::End>(answer); }
    int status() const;          ///< of a Status; 0 when it is another answer
    std::string changed() const; ///< the reason of a Changed; else empty
    std::string failure() const; ///< the text of a Failure; else empty
    Kind kind() const { return std::get<fetch::Failure>(answer).kind; }
};

/// Fetches `url` as a large file to its end.
/// @param on_answer  called for heads and retries as they come
Fetched fetch_file(fetch::Fetcher& fetcher, const std::string& url, std::uint64_t limit_bytes = 0,
                   const std::function<void(const fetch::Answer&)>& on_answer = {});

/// The same with a slipway-fetch of its own.
Fetched fetch_file(const std::string& url, const fetch::Settings& settings = quick());

/// `size` bytes of which no two places look alike.
std::string noise(std::size_t size);

/// Sets an environment variable for as long as it lives.
class Variable {
public:
    Variable(std::string name, const std::string& value);
    ~Variable();
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    std::string name_;
};

} // namespace slipway::tests
