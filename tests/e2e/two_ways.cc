// Direct mode has no bus at all: not even one that nobody answers on.

#include "tests/e2e/two_ways.hh"

#include <sstream>

#include "tests/e2e/archive.hh"

namespace slipway::tests {

House::House(Way way) : way_(way) {
    if (way == Way::Daemon) {
        bus.emplace();
        daemon.emplace(*bus);
    }
}

std::filesystem::path House::pool() const {
    return way_ == Way::Direct ? pool_.path() : daemon->pool();
}

std::vector<std::string> House::command(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"/usr/bin/env"};
    for (const std::string name : {"http_proxy", "https_proxy", "all_proxy"}) {
        all.insert(all.end(), {"-u", name});
    }
    all.push_back("DBUS_SYSTEM_BUS_ADDRESS=" +
                  (way_ == Way::Direct ? "unix:path=/nonexistent" : bus->address()));
    all.push_back(program("slipway").string());
    if (way_ == Way::Direct) {
        all.push_back("--pool=" + pool_.path().string());
    }
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

nlohmann::json House::ask(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const RunResult answer = slipway(words);
    INFO(answer.err);
    REQUIRE(answer.status == 0);
    return nlohmann::json::parse(answer.out);
}

Lines House::leftovers(const std::set<std::string>& expected) const {
    Lines found;
    for (const auto& entry : std::filesystem::directory_iterator(pool())) {
        const std::string name = entry.path().filename().string();
        if (!expected.contains(name)) {
            found.push_back(name);
        }
    }
    return found;
}

std::string same_words(const std::string& text) {
    std::istringstream lines(text);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        out += line.starts_with("Enqueued transfer job ") ? "" : line + "\n";
    }
    return out;
}

Web::Web() {
    std::filesystem::create_directory(tree);
    make_plain_tree(tree, 20);
    archive = pack(tree, ".gz");
    write_file(file(), archive);
    publisher.publish("web.tar.gz", archive);
}

void Web::stall() {
    publisher.server.on("/images/web.tar.gz", {stall_after(archive.size() / 2)});
}

} // namespace slipway::tests
