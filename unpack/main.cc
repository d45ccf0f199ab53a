// slipway-unpack: reads what came, and is confined to its target before the first byte of it.

#include <csignal>
#include <cstdio>
#include <string_view>

#include "base/error.hh"
#include "unpack/disk.hh"
#include "unpack/documents.hh"
#include "unpack/features.hh"
#include "unpack/inspect.hh"
#include "unpack/tree.hh"

namespace {

using namespace slipway;

int run(std::string_view work, std::string_view option) {
    if (work == "tree") {
        return unpack::serve_tree(option == "--privileged-xattrs" ? unpack::Rights::Privileged
                                                                  : unpack::Rights::Tree);
    }
    if (work == "disk") {
        return unpack::serve_disk();
    }
    if (work == "documents") {
        return unpack::serve_documents();
    }
    if (work == "inspect") {
        return unpack::serve_inspect();
    }
    if (work == "features") {
        fmt::print("{}\n", unpack::features());
        return 0;
    }
    fmt::print(stderr, "slipway-unpack is started by slipway-transfer: slipway-unpack tree "
                       "[--privileged-xattrs] | disk | documents | inspect | features\n");
    return exit_status(Kind::InvalidArgument);
}

} // namespace

int main(int count, char** arguments) {
    try {
        ::signal(SIGPIPE, SIG_IGN); // who reads the copy of the input may go away
        return run(count > 1 ? arguments[1] : "", count > 2 ? arguments[2] : "");
    } catch (const Error& error) {
        fmt::print(stderr, "slipway-unpack: {}\n", error.what());
        return error.status();
    } catch (const std::exception& error) {
        fmt::print(stderr, "slipway-unpack: {}\n", error.what());
        return exit_status(Kind::Internal);
    }
}
