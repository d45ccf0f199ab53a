// Descriptor 4 is the target, 5 the scratch file; the input, and where it is copied to and kept,
// travel with the request.

#include "pull/unpacker.hh"

#include <utility>

namespace slipway::pull {
namespace {

constexpr int kTargetFd = 4;
constexpr int kScratchFd = 5;

std::vector<std::string> arguments_of(const UnpackRequest& request) {
    if (request.work != Work::Tree) {
        return {"disk"};
    }
    // Rights are known before the program confines itself.
    return request.tar.privileged_xattrs ? std::vector<std::string>{"tree", "--privileged-xattrs"}
                                         : std::vector<std::string>{"tree"};
}

std::vector<std::pair<int, int>> descriptors(const UnpackRequest& request, int target,
                                             int scratch) {
    std::vector<std::pair<int, int>> fds;
    if (request.work != Work::Digest) {
        fds.emplace_back(target, kTargetFd);
    }
    if (request.work == Work::Disk && scratch >= 0) {
        fds.emplace_back(scratch, kScratchFd);
    }
    return fds;
}

} // namespace

Unpacker::Unpacker(UnpackRequest request, int target, int input, int scratch, int copy, int keep)
    : program_("slipway-unpack", arguments_of(request), descriptors(request, target, scratch)) {
    std::vector<int> fds{input};
    request.copy = copy >= 0;
    if (request.copy) {
        fds.push_back(copy);
    }
    request.keep = keep >= 0;
    if (request.keep) {
        fds.push_back(keep);
    }
    program_.send(to_json(request), fds);
}

UnpackAnswer Unpacker::next(std::stop_token stop) {
    return parse_unpack_answer(program_.next(std::move(stop)));
}

} // namespace slipway::pull
