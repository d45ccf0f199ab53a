// One request, one acknowledgement.

#include "spawn/link.hh"

#include <array>
#include <cerrno>
#include <cstring>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

struct Request {
    nlmsghdr header{};
    ifinfomsg link{};
};

// errno of the answer; 0 when it was done.
int ask(const Fd& socket, const Request& request) {
    if (::send(socket.get(), &request, sizeof request, 0) < 0) {
        return errno;
    }
    struct {
        nlmsghdr header;
        nlmsgerr error;
        std::array<char, 4096> rest; // our request once more
    } answer{};
    if (::recv(socket.get(), &answer, sizeof answer, 0) < 0) {
        return errno;
    }
    return answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EPROTO;
}

} // namespace

void remove_link(const std::string& name) {
    const unsigned index = ::if_nametoindex(name.c_str());
    if (index == 0) {
        return;
    }
    const Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!socket) {
        throw errno_error("cannot ask for network interfaces");
    }
    Request request;
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_DELLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    request.link.ifi_index = static_cast<int>(index);
    errno = ask(socket, request);
    if (errno != 0 && errno != ENODEV) {
        throw errno_error("cannot remove the network interface {}", quoted(name));
    }
}

} // namespace slipway::spawn
