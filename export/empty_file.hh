// An output that is ours from its first byte: a disk can be put there as a file is, with holes.

#pragma once

namespace slipway::exports {

/// Whether `fd` is an empty regular file that stands at its start and is not opened to append.
bool is_empty_file(int fd) noexcept;

} // namespace slipway::exports
