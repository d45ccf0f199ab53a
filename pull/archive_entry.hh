// What libarchive and the raw header say of one entry, as a value of ours. With
// pull/archive_reader.cc the one door to libarchive; only the latter includes this.

#pragma once

#include <cstdint>

#include "pull/entry.hh"
#include "pull/raw_header.hh"

struct archive_entry;

namespace slipway::pull {

/// Fills `to`, whose name is already there.
/// @throws Error  Corrupt, Unsupported: says which field cannot be kept; does not name the entry
void read_entry(archive_entry* from, const RawHeader& raw, Entry& to);

/// How many bytes of contents the archive has to hold for the file: without its holes.
std::uint64_t data_bytes(archive_entry* from, const Entry& entry);

} // namespace slipway::pull
