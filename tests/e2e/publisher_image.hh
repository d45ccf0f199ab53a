// The images that publishers offer, made once a process for every shape, and what has to be in the
// pool afterwards.

#pragma once

#include <map>
#include <string>

#include "tests/e2e/publisher_row.hh"
#include "tests/e2e/scene.hh"

namespace slipway::tests {

class PublishedImage {
public:
    explicit PublishedImage(const ImageShape& shape);

    /// As the server has it.
    const std::string& bytes() const noexcept { return bytes_; }
    /// @param algorithm  as coreutils call it: "sha256", "b2"
    const std::string& digest(const std::string& algorithm) const;
    /// How the image "image" in the scene's pool differs from what was packed; empty: exact.
    std::vector<std::string> differences_in(const Scene& scene) const;

private:
    ImageShape shape_;
    std::string bytes_;
    mutable std::map<std::string, std::string> digests_;
};

const PublishedImage& published_image(const ImageShape& shape);

} // namespace slipway::tests
