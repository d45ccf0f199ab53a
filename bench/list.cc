// How long a listing takes in process: bench-list POOL [ROUNDS]. "bench-list --make POOL COUNT"
// fills a directory with so many directories first.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "storage/catalog.hh"

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

} // namespace

int main(int argc, char** argv) {
    using namespace slipway;
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "--make") {
        const int count = std::stoi(std::string(words[2]));
        for (int i = 0; i < count; ++i) {
            std::filesystem::create_directories(std::filesystem::path(words[1]) /
                                                fmt::format("image-{:05}", i));
        }
        return 0;
    }
    if (words.empty()) {
        fmt::print(stderr, "usage: bench-list POOL [ROUNDS] | --make POOL COUNT\n");
        return 2;
    }
    const int rounds = words.size() > 1 ? std::stoi(std::string(words[1])) : 9;
    std::vector<double> times;
    std::size_t images = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto start = Clock::now();
        images = storage::read_catalog({words[0]}, storage::ImageClass::Machine,
                                       storage::Breadth::Visible)
                     .images.size();
        times.push_back(milliseconds(Clock::now() - start));
    }
    std::sort(times.begin(), times.end());
    fmt::print("{} images: median {:.1f} ms, least {:.1f} ms of {}\n", images,
               times[times.size() / 2], times.front(), rounds);
    return 0;
}
