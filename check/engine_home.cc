// With this configuration gpg (2.2 and 2.4) writes nothing into its home and starts neither
// gpg-agent, keyboxd nor dirmngr (found by trying).

#include "check/engine_home.hh"

#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"

namespace slipway::check {
namespace {

constexpr std::string_view kConfiguration = "trust-model always\n"
                                            "no-auto-key-retrieve\n"
                                            "no-auto-key-locate\n"
                                            "no-autostart\n"
                                            "no-auto-check-trustdb\n"
                                            "no-random-seed-file\n";

void write_new(const std::filesystem::path& path, std::string_view content) {
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) {
        throw errno_error("cannot create {}", path.string());
    }
    write_all(file.get(), content);
    file.close();
}

// Never fails: what stays behind is a directory that nobody reads.
void remove_tree(const std::filesystem::path& path) noexcept {
    std::error_code error;
    std::filesystem::remove_all(path, error);
}

} // namespace

EngineHome::EngineHome(std::string_view ring) {
    std::string name = "/tmp/slipway-check-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        throw errno_error("cannot make a home for the OpenPGP engine below /tmp");
    }
    path_ = name;
    try {
        write_new(path_ / "pubring.gpg", ring);
        write_new(path_ / "gpg.conf", kConfiguration);
    } catch (...) {
        remove_tree(path_);
        throw;
    }
}

EngineHome::~EngineHome() {
    remove_tree(path_);
}

} // namespace slipway::check
