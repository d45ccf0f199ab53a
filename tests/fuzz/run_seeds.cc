// A main for any LLVMFuzzerTestOneInput where no fuzzing engine is linked: runs it over the files
// of a directory and over mutations of them, the same ones for the same seed.
// Usage: TARGET DIRECTORY MUTATIONS [SEED]. An input that ends the program is left behind in
// "failed-input".

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

std::vector<Input> read_seeds(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.is_regular_file()) {
            paths.push_back(entry.path());
        }
    }
    std::ranges::sort(paths);
    std::vector<Input> seeds;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return seeds;
}

const Input* running = nullptr; // read by the handler below

void keep_input(int signal) {
    const int fd = ::open("failed-input", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    static_cast<void>(!::write(fd, running->data(), running->size()));
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(const Input& input) {
    running = &input;
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

class Mutator {
public:
    Mutator(const std::vector<Input>& seeds, std::uint32_t seed) : seeds_(seeds), random_(seed) {}

    Input next() {
        Input input = any_seed();
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
            change(input);
        }
        return input;
    }

private:
    std::size_t below(std::size_t limit) { return random_() % limit; }
    const Input& any_seed() { return seeds_[below(seeds_.size())]; }

    void change(Input& input) {
        if (input.empty()) {
            input = any_seed();
            return;
        }
        const std::size_t at = below(input.size());
        const std::size_t length = 1 + below(std::min<std::size_t>(input.size() - at, 64));
        const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = place + static_cast<std::ptrdiff_t>(length);
        switch (below(7)) {
        case 0:
            *place = static_cast<std::uint8_t>(*place ^ (1U << below(8)));
            break;
        case 1:
            *place = static_cast<std::uint8_t>(random_());
            break;
        case 2:
            std::fill(place, end, below(2) == 0 ? 0x00 : 0xff);
            break;
        case 3:
            input.erase(place, end);
            break;
        case 4: {
            const Input again(place, end);
            input.insert(place, again.begin(), again.end());
            break;
        }
        case 5:
            input.resize(at);
            break;
        default: {
            const Input& other = any_seed();
            input.insert(input.end(), other.begin(), other.end());
            break;
        }
        }
    }

    const std::vector<Input>& seeds_;
    std::minstd_rand random_;
};

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        static_cast<void>(std::fprintf(stderr, "usage: %s DIRECTORY MUTATIONS [SEED]\n", argv[0]));
        return 2;
    }
    const std::vector<Input> seeds = read_seeds(argv[1]);
    const unsigned long mutations = std::stoul(argv[2]);
    const auto seed = static_cast<std::uint32_t>(argc > 3 ? std::stoul(argv[3]) : 1);
    if (seeds.empty()) {
        static_cast<void>(std::fprintf(stderr, "%s holds no seeds\n", argv[1]));
        return 2;
    }
    std::signal(SIGABRT, keep_input);
    std::signal(SIGSEGV, keep_input);
    for (const Input& input : seeds) {
        run(input);
    }
    Mutator mutator(seeds, seed);
    for (unsigned long i = 0; i < mutations; ++i) {
        run(mutator.next());
    }
    static_cast<void>(std::printf("%zu seeds, %lu mutations with seed %u: passed\n", seeds.size(),
                                  mutations, seed));
    return 0;
}
