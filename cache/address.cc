// FNV-1a (RFC draft-eastlake-fnv): what is kept of it says less than any secret has.

#include "cache/address.hh"

#include <cstdint>

#include <fmt/format.h>

namespace slipway::cache {
namespace {

std::uint32_t mark(std::string_view text) noexcept {
    std::uint32_t hash = 2'166'136'261U;
    for (const char byte : text) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 16'777'619U;
    }
    return hash;
}

std::string without_fragment(std::string text) {
    text.resize(std::min(text.find('#'), text.size()));
    return text;
}

} // namespace

std::string address_of(const Url& url) {
    const std::string text = without_fragment(url.text());
    const std::string masked = without_fragment(url.masked());
    const std::size_t query = text.find('?');
    return query == std::string::npos
               ? masked
               : fmt::format("{}#{:08x}", masked, mark(std::string_view(text).substr(query)));
}

} // namespace slipway::cache
