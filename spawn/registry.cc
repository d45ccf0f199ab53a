// Alive is who holds the lock. The supervisor's number and start time are there for whoever looks
// without taking it, and for signals.

#include "spawn/registry.hh"

#include <algorithm>
#include <cctype>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "spawn/machine_record.hh"

namespace slipway::spawn {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxRecordBytes = 1 << 20;

std::optional<std::string> read_file(const fs::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        throw errno_error("cannot read {}", quoted(path.string()));
    }
    return read_all(file.get(), kMaxRecordBytes);
}

} // namespace

bool is_machine_name(std::string_view text) noexcept {
    constexpr std::size_t kMaxBytes = 64;
    const auto fits = [](unsigned char byte) {
        return std::isalnum(byte) != 0 || byte == '-' || byte == '.';
    };
    return !text.empty() && text.size() <= kMaxBytes && text.front() != '.' &&
           text.front() != '-' && std::all_of(text.begin(), text.end(), fits);
}

Registry::Registry(fs::path directory) : directory_(std::move(directory)) {}

std::vector<std::string> Registry::names() const {
    std::vector<std::string> all;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_, error)) {
        if (is_machine_name(entry.path().filename().string())) {
            all.push_back(entry.path().filename().string());
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

// One that cannot be read tells of no machine; it goes when its lock is free.
std::optional<MachineRecord> Registry::read(const std::string& name) const {
    try {
        const std::optional<std::string> text = read_file(directory_of(name) / kRecordFile);
        return text ? std::optional(record_from_json(*text)) : std::nullopt;
    } catch (const Error& error) {
        debug("the state of machine {}: {}", quoted(name), error.what());
        return std::nullopt;
    }
}

std::optional<MachineRecord> Registry::find(const std::string& name) const {
    std::optional<MachineRecord> record = is_machine_name(name) ? read(name) : std::nullopt;
    return record && is_alive(record->supervisor) ? record : std::nullopt;
}

std::vector<MachineRecord> Registry::list() const {
    std::vector<MachineRecord> all;
    for (const std::string& name : names()) {
        if (std::optional<MachineRecord> record = find(name)) {
            all.push_back(std::move(*record));
        }
    }
    return all;
}

} // namespace slipway::spawn
