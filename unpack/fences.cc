// Afterwards "/" is the image's tree: whatever is found by a path is somebody else's, so locale,
// digests and converters are loaded before.

#include "unpack/fences.hh"

#include <clocale>
#include <ctime>
#include <utility>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "pull/archive_reader.hh"
#include "stream/digest.hh"

namespace slipway::unpack {
namespace {

void load_what_is_read_from_disk() {
    std::setlocale(LC_CTYPE, "C.UTF-8"); // missing: names are bytes all the same
    ::tzset();
    stream::load_digests();
    pull::ArchiveReader::prepare();
}

std::vector<int> capabilities(Rights rights) {
    if (rights == Rights::None) {
        return {};
    }
    std::vector<int> kept{CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                          CAP_FSETID, CAP_MKNOD,        CAP_SETFCAP};
    if (rights == Rights::Privileged) {
        kept.push_back(CAP_SYS_ADMIN);
    }
    return kept;
}

std::vector<int> reading_capabilities(Rights rights) {
    std::vector<int> kept;
    if (rights != Rights::None) {
        kept.push_back(CAP_DAC_READ_SEARCH);
    }
    if (rights == Rights::Privileged) { // to see trusted.*
        kept.push_back(CAP_SYS_ADMIN);
    }
    return kept;
}

Confined raise(Confinement wanted, int last_fd) {
    if (::syscall(SYS_close_range, last_fd + 1, ~0U, 0) < 0) {
        throw errno_error("cannot close what was inherited");
    }
    wanted.staging = wanted.view == View::Staging ? kTargetFd : -1;
    return confine(wanted);
}

} // namespace

Confined raise_fences(View view, Rights rights, int last_fd) {
    if (last_fd != kControlFd) { // a document needs none of it
        load_what_is_read_from_disk();
    }
    Confinement wanted;
    wanted.view = view;
    wanted.filter = Filter::Unpack;
    wanted.capabilities = capabilities(rights);
    return raise(std::move(wanted), last_fd);
}

Confined raise_reading_fences(View view, Rights rights, int last_fd) {
    stream::load_digests();
    Confinement wanted;
    wanted.view = view;
    wanted.filter = Filter::Export;
    wanted.read_only = true;
    wanted.capabilities = reading_capabilities(rights);
    return raise(std::move(wanted), last_fd);
}

} // namespace slipway::unpack
