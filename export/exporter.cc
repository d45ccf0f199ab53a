// Descriptor 4 is the tree; a disk and the output travel with the request.

#include "export/exporter.hh"

#include <string>
#include <utility>
#include <vector>

namespace slipway::exports {
namespace {

constexpr int kTreeFd = 4;

std::vector<std::string> arguments_of(const ExportRequest& request) {
    std::vector<std::string> arguments{std::string(word(request.work))};
    if (request.work == Work::Tar && request.privileged_xattrs) {
        arguments.emplace_back("--privileged-xattrs"); // known before it confines itself
    }
    return arguments;
}

std::vector<std::pair<int, int>> descriptors(const ExportRequest& request, int image) {
    return request.work == Work::Tar ? std::vector<std::pair<int, int>>{{image, kTreeFd}}
                                     : std::vector<std::pair<int, int>>{};
}

} // namespace

Exporter::Exporter(const ExportRequest& request, int image, int output)
    : program_("slipway-unpack", arguments_of(request), descriptors(request, image)) {
    program_.send(to_json(request), request.work == Work::Tar ? std::vector<int>{output}
                                                              : std::vector<int>{image, output});
}

ExportAnswer Exporter::next(std::stop_token stop) {
    return parse_export_answer(program_.next(std::move(stop)));
}

} // namespace slipway::exports
