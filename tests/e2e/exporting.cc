// slipway --pool=… export-tar image …

#include "tests/e2e/exporting.hh"

#include <algorithm>

namespace slipway::tests {

std::vector<std::string> export_command(const Scene& scene, const std::string& verb,
                                        const std::vector<std::string>& words,
                                        const std::string& name) {
    std::vector<std::string> command{program("slipway").string(),
                                     "--pool=" + scene.pool.path().string(), verb, name};
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

RunResult export_image(const Scene& scene, const std::string& verb,
                       const std::vector<std::string>& words, const std::string& name) {
    RunOptions options;
    options.patience = std::chrono::seconds(300);
    return run(export_command(scene, verb, words, name), options);
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace slipway::tests
