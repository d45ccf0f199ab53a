// One program, one question: descriptors beside the words.

#include "verify/check_call.hh"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/quoted.hh"
#include "verify/json.hh"

namespace slipway::verify {

std::vector<OpenRing> open_rings(const std::vector<std::filesystem::path>& paths,
                                 std::vector<std::string>& warnings) {
    std::vector<OpenRing> rings;
    for (const std::filesystem::path& path : paths) {
        Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
        struct stat status {};
        if (!file && errno == ENOENT) {
            continue;
        }
        if (!file || ::fstat(file.get(), &status) < 0) {
            warnings.push_back(
                fmt::format("key ring {}: {}", quoted(path.string()), errno_text(errno)));
        } else if (!S_ISREG(status.st_mode)) {
            warnings.push_back(fmt::format("key ring {}: it is not a file", quoted(path.string())));
        } else {
            rings.push_back({path.string(), std::move(file)});
        }
    }
    return rings;
}

void send_check(Helper& helper, CheckForm form, std::vector<int> documents,
                const std::vector<OpenRing>& rings, std::chrono::milliseconds engine_patience) {
    std::size_t sent = 0;
    bool first = true;
    do {
        const std::size_t end = std::min(sent + kRingsInOneMessage, rings.size());
        CheckMessage message{form, engine_patience, {}, end < rings.size()};
        for (; sent < end; ++sent) {
            message.rings.push_back(rings[sent].name);
            documents.push_back(rings[sent].file.get());
        }
        helper.send(to_json(message, first), documents);
        documents.clear();
        first = false;
    } while (sent < rings.size());
}

void throw_if_error(std::string_view answer, std::string_view program) {
    const nlohmann::json value = parse_object(answer, fmt::format("an answer of {}", program));
    if (value.value("answer", "") == "error") {
        throw Error(find_kind(value.value("kind", "")).value_or(Kind::Internal), "{}",
                    relayed(value.value("text", "")));
    }
}

} // namespace slipway::verify
