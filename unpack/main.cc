// slipway-unpack: reads what came, and what goes out, and is confined to it before the first byte.

#include <csignal>
#include <cstdio>
#include <string_view>

#include "base/error.hh"
#include "unpack/disk.hh"
#include "unpack/documents.hh"
#include "unpack/export.hh"
#include "unpack/features.hh"
#include "unpack/inspect.hh"
#include "unpack/inspect_disk.hh"
#include "unpack/tree.hh"

namespace {

using namespace slipway;

int run(std::string_view work, std::string_view option) {
    const unpack::Rights rights =
        option == "--privileged-xattrs" ? unpack::Rights::Privileged : unpack::Rights::Tree;
    if (work == "tree") {
        return unpack::serve_tree(rights);
    }
    if (work == "export-tar") {
        return unpack::serve_export(exports::Work::Tar, rights);
    }
    if (work == "export-raw") {
        return unpack::serve_export(exports::Work::Raw, rights);
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
    if (work == "inspect-disk") {
        return unpack::serve_inspect_disk();
    }
    if (work == "features") {
        fmt::print("{}\n", unpack::features());
        return 0;
    }
    fmt::print(stderr, "slipway-unpack is started by slipway-transfer: slipway-unpack tree "
                       "[--privileged-xattrs] | disk | export-tar [--privileged-xattrs] | "
                       "export-raw | documents | inspect | inspect-disk | features\n");
    return exit_status(Kind::InvalidArgument);
}

} // namespace

int main(int count, char** arguments) {
    try {
        ::signal(SIGPIPE, SIG_IGN); // who reads a copy of the input, or the output, may go away
        return run(count > 1 ? arguments[1] : "", count > 2 ? arguments[2] : "");
    } catch (const Error& error) {
        fmt::print(stderr, "slipway-unpack: {}\n", error.what());
        return error.status();
    } catch (const std::exception& error) {
        fmt::print(stderr, "slipway-unpack: {}\n", error.what());
        return exit_status(Kind::Internal);
    }
}
