// A download that is offered to be kept: the fixture of the tests of kept downloads.

#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/exporting.hh"
#include "tests/e2e/publisher.hh"

namespace slipway::tests {

inline constexpr const char* kKeptImage = "/images/web.tar.gz";

/// A tree that a publisher offers as web.tar.gz with its settings, and a cache.
struct Offered {
    Offered();

    transfer::Request request(const std::string& name = "image",
                              const std::string& verify = "signature") const;
    /// Pulls and keeps.
    FinishedJob keep(const std::string& name = "first",
                     const std::string& verify = "signature") const;

    std::filesystem::path cache() const { return place / "cache"; }
    std::filesystem::path entry() const { return cache() / ("sha256-" + sha256_of(archive)); }

    /// How often it was asked for in this way.
    std::size_t asked(const std::string& path = kKeptImage,
                      const std::string& method = "GET") const;
    void check_stored(const std::string& name) const;

    Scene scene;
    Publisher publisher;
    TempDir place;
    std::string archive;
};

/// Bytes that do not pack.
std::string noise(std::size_t size);

/// Whether a name in the cache is that of something half made.
bool is_hidden(const std::string& name);

void change_byte(const std::filesystem::path& file, std::size_t offset);

/// As check_refused(), of the keeper alone: no option says where the cache is.
std::string check_refused_here(const Scene& scene, const transfer::Request& request, int status,
                               const std::string& part, const std::set<std::string>& entries = {});

bool says(const FinishedJob& job, transfer::LogLevel level, const std::string& part);

} // namespace slipway::tests
