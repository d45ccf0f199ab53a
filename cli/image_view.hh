// Images with all that is shown of them, brought together from the store.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hh"
#include "storage/catalog.hh"
#include "storage/image_users.hh"
#include "storage/usage.hh"

namespace slipway::cli {

struct ImageRow {
    storage::Image image;
    storage::ImageClass image_class = storage::ImageClass::Machine;
    storage::Usage usage{};
    std::optional<storage::ImageUser> user{};
    std::filesystem::path shadowed_by{}; ///< empty: its name leads to it
    std::string origin{};                ///< JSON; empty: none, or it was not asked for
};

struct ImageRows {
    std::vector<ImageRow> images; ///< sorted by name
    std::vector<ImageRow> shadowed;
    std::vector<std::filesystem::path> dangling;
    std::vector<storage::Leftover> leftovers;
};

enum class Origins { Left, Read };

/// All images that the options speak of.
/// @throws Error
ImageRows find_rows(const Options& options, Origins origins);

/// The image of one name.
/// @throws Error NotFound
ImageRow find_row(const Options& options, const std::string& name);

/// The rows of these images: usage, users and origins.
std::vector<ImageRow> make_rows(std::vector<storage::Image> images, const Options& options,
                                Origins origins);

/// Where what walks find is remembered; empty: nowhere.
std::filesystem::path usage_file(const Options& options);

} // namespace slipway::cli
