// The kernel takes 108 bytes.

#include "spawn/socket_address.hh"

#include <algorithm>
#include <string>

#include <sys/socket.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::spawn {

sockaddr_un socket_address(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof address.sun_path) {
        throw Error(Kind::InvalidArgument, "the path {} is too long for a socket", quoted(text));
    }
    std::copy(text.begin(), text.end(), address.sun_path);
    return address;
}

} // namespace slipway::spawn
