// What a file system offers, found out by doing it once in a directory of our own.

#pragma once

#include <cstddef>

namespace slipway::volume {

/// rename without overwriting (RENAME_NOREPLACE) and in exchange (RENAME_EXCHANGE).
bool can_rename_without_replacing(int directory);
bool can_exchange(int directory);
/// Files that share their blocks (FICLONE).
bool can_reflink(int directory);
/// The same without writing anything, and without a name: for a question.
bool can_share_blocks(int directory) noexcept;
/// Attributes of the name space "user.", of that size. ext4 gives them one block at most.
bool can_hold_attributes(int directory, std::size_t size_bytes);
/// FS_IMMUTABLE, and our right to set it.
bool can_be_immutable(int directory);

} // namespace slipway::volume
