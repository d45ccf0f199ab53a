// The directories in which systemd looks for images: one name is one image in all of them, and what
// it keeps elsewhere under that name belongs to it.

#pragma once

namespace slipway::storage {

/// Whether the open directory is one of them, for images of any class.
bool is_searched(int directory);

/// Whether it is one for machines, the only class that has settings.
bool is_searched_for_machines(int directory);

} // namespace slipway::storage
