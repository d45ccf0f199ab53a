// A pool of its own and what jobs are given in it.

#include "tests/e2e/scene.hh"

#include <cstdlib>
#include <memory>

#include "base/bytes.hh"
#include "tests/e2e/processes.hh"

namespace slipway::tests {
namespace {

using namespace std::chrono_literals;

// Where it is possible, locks in /run are the test's own, and everything temporary lies on a disk
// in memory, so that syncing it does not wait for what others write. Orphans come to us.
void isolate() {
    static const std::unique_ptr<LoopFs> disk = [] {
        use_private_run();
        adopt_orphans();
        std::unique_ptr<LoopFs> made;
        if (!no_loop_fs("ext4")) {
            made = std::make_unique<LoopFs>("ext4", 2 * GiB);
            std::filesystem::permissions(made->path().parent_path(), std::filesystem::perms(0755));
            ::setenv("TMPDIR", made->path().c_str(), 1);
        }
        return made;
    }();
}

transfer::Request request_for(const TempPool& pool, const std::string& name) {
    transfer::Request request;
    request.id = transfer::make_id();
    request.pool = pool.path();
    request.name = name;
    request.verify = "no";
    request.network.connect_timeout = 5s;
    request.network.stall_timeout = 5s;
    request.network.retry = 1ms;
    return request;
}

} // namespace

Scene::Scene() : pool((isolate(), TempPool())) {}

Scene::Scene(const LoopFs& fs) : pool(fs) {
    isolate();
}

transfer::Request Scene::pull(const std::string& url, const std::string& name) const {
    transfer::Request request = request_for(pool, name);
    request.verb = transfer::Verb::PullTar;
    request.url = url;
    return request;
}

transfer::Request Scene::import(const std::filesystem::path& file, const std::string& name) const {
    transfer::Request request = request_for(pool, name);
    request.verb = transfer::Verb::ImportTar;
    request.path = file;
    return request;
}

transfer::Request Scene::pull_disk(const std::string& url, const std::string& name) const {
    transfer::Request request = pull(url, name);
    request.verb = transfer::Verb::PullRaw;
    return request;
}

transfer::Request Scene::import_disk(const std::filesystem::path& file,
                                     const std::string& name) const {
    transfer::Request request = import(file, name);
    request.verb = transfer::Verb::ImportRaw;
    return request;
}

transfer::Request Scene::import_fs(const std::filesystem::path& directory,
                                   const std::string& name) const {
    transfer::Request request = import(directory, name);
    request.verb = transfer::Verb::ImportFs;
    return request;
}

transfer::Request Scene::remove(const std::string& name) const {
    transfer::Request request = request_for(pool, name);
    request.verb = transfer::Verb::Remove;
    return request;
}

transfer::Request Scene::clone(const std::string& source, const std::string& name) const {
    transfer::Request request = request_for(pool, source);
    request.verb = transfer::Verb::Clone;
    request.new_name = name;
    return request;
}

transfer::Request Scene::rename(const std::string& name, const std::string& new_name) const {
    transfer::Request request = request_for(pool, name);
    request.verb = transfer::Verb::Rename;
    request.new_name = new_name;
    return request;
}

transfer::Request Scene::mark(const std::string& name, bool read_only) const {
    transfer::Request request = request_for(pool, name);
    request.verb = transfer::Verb::ReadOnly;
    request.read_only = read_only;
    return request;
}

std::vector<std::string> unexpected_entries(const TempPool& pool,
                                            const std::set<std::string>& expected) {
    std::vector<std::string> differences;
    const std::set<std::string> found = pool.entries();
    for (const std::string& name : found) {
        if (!expected.contains(name)) {
            differences.push_back("'" + name + "' is in the pool");
        }
    }
    for (const std::string& name : expected) {
        if (!found.contains(name)) {
            differences.push_back("'" + name + "' is missing");
        }
    }
    return differences;
}

std::vector<std::string> Scene::leftovers(const std::set<std::string>& entries) const {
    std::vector<std::string> left = unexpected_entries(pool, entries);
    for (const std::string& program : leftover_programs()) {
        left.push_back(program);
    }
    return left;
}

} // namespace slipway::tests
