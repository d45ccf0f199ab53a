// Mounts in a namespace of this process: the host's gpg is not touched.

#include "tests/check/stand_in_engine.hh"

#include <sys/mount.h>
#include <unistd.h>

#include "base/error.hh"
#include "tests/support/loop_fs.hh"

namespace slipway::tests {
namespace fs = std::filesystem;
namespace {

constexpr const char* kGpg = "/usr/bin/gpg";

} // namespace

OtherEngine::OtherEngine(const std::string& script) {
    use_private_mounts();
    write_file(directory_ / "gpg", "#!/bin/sh\n" + script);
    fs::permissions(directory_ / "gpg", fs::perms(0755));
    fs::permissions(directory_.path(), fs::perms(0755));
    if (::mount((directory_ / "gpg").c_str(), kGpg, nullptr, MS_BIND, nullptr) < 0) {
        throw errno_error("cannot mount over {}", kGpg);
    }
}

OtherEngine::~OtherEngine() {
    ::umount2(kGpg, MNT_DETACH);
}

NoEngine::NoEngine() {
    use_private_mounts();
    if (::mount("tmpfs", "/usr/bin", "tmpfs", 0, nullptr) < 0) {
        throw errno_error("cannot mount over /usr/bin");
    }
}

NoEngine::~NoEngine() {
    ::umount2("/usr/bin", MNT_DETACH);
}

std::string hang() {
    return "sleep 4321." + std::to_string(::getpid());
}

Signed::Signed() : key(keyring.make_key()) {
    signature = keyring.sign_detached("text", {.keys = {key}});
    clearsigned = keyring.clearsign("text\n", {.keys = {key}});
    fs::permissions(directory.path(), fs::perms(0755)); // also for a test as another user
    write_file(ring(), keyring.export_binary());
}

std::vector<fs::path> check_homes() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator("/tmp")) {
        if (entry.path().filename().string().starts_with("slipway-check-")) {
            found.push_back(entry.path());
        }
    }
    return found;
}

bool runs(const std::string& pattern) {
    return run({"pgrep", "-f", pattern}).status == 0;
}

} // namespace slipway::tests
