// Where a socket of ours lies (unix(7)).

#pragma once

#include <filesystem>

#include <sys/un.h>

namespace slipway::spawn {

/// @throws Error InvalidArgument: too long
sockaddr_un socket_address(const std::filesystem::path& path);

} // namespace slipway::spawn
