// PATH is the caller's; what runs with our rights is not his to choose.

#include "base/find_tool.hh"

#include "base/error.hh"

namespace slipway {

std::filesystem::path find_tool(std::string_view name) {
    for (const char* directory : {"/usr/bin", "/usr/local/bin", "/bin"}) {
        std::error_code ignored;
        std::filesystem::path path = std::filesystem::path(directory) / name;
        if (std::filesystem::exists(path, ignored)) {
            return path;
        }
    }
    return {};
}

std::filesystem::path expect_tool(std::string_view name, std::string_view package) {
    std::filesystem::path tool = find_tool(name);
    if (tool.empty()) {
        throw Error(Kind::NotFound, "{} is not installed; install the package {}", name, package);
    }
    return tool;
}

} // namespace slipway
