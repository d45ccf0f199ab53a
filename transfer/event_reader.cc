// Lines are cut here; what they mean is read by transfer/event.cc.

#include "transfer/event_reader.hh"

#include <cstddef>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

constexpr std::size_t kLongestLine = 1 * MiB;

Event parse_line(std::string_view line) {
    try {
        return parse_event(line);
    } catch (const Error&) {
        throw Error(Kind::Internal, "slipway-transfer said {}, which is no event of a job",
                    quoted(line, 100));
    }
}

} // namespace

std::vector<Event> EventReader::feed(std::string_view bytes) {
    std::vector<Event> events;
    for (;;) {
        const std::size_t end = bytes.find('\n');
        line_ += bytes.substr(0, end);
        if (line_.size() > kLongestLine) {
            throw Error(Kind::Internal, "slipway-transfer sent a line of more than {} bytes",
                        kLongestLine);
        }
        if (end == std::string_view::npos) {
            return events;
        }
        events.push_back(parse_line(line_));
        line_.clear();
        bytes.remove_prefix(end + 1);
    }
}

} // namespace slipway::transfer
