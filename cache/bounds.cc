// One small file, replaced by rename(2).

#include "cache/bounds.hh"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/json.hh"
#include "cache/text_file.hh"

namespace slipway::cache {
namespace {

using Json = nlohmann::json;

constexpr const char* kBoundsFile = "bounds.json";

} // namespace

Bounds bounds_of(const Store& store) {
    const auto text = read_text(store.fd(), kBoundsFile, kMaxDescriptionBytes);
    const Json object = Json::parse(text.value_or(""), nullptr, false);
    const auto number = [&object](const char* member) {
        return object.is_object() && object.value(member, Json()).is_number_unsigned();
    };
    Bounds bounds;
    if (number("size")) {
        bounds.size_bytes = object["size"].get<std::uint64_t>();
    }
    if (number("age") && object["age"].get<std::uint64_t>() < UINT32_MAX) {
        bounds.age = std::chrono::seconds(object["age"].get<std::uint32_t>());
    }
    return bounds;
}

void set_bounds(const Store& store, const Bounds& bounds) {
    if (bounds_of(store) == bounds) {
        return;
    }
    const std::string hidden = fmt::format("{}{}.bounds", kHiddenPrefix, ::getpid());
    static_cast<void>(::unlinkat(store.fd(), hidden.c_str(), 0)); // of a dead one of our number
    write_text(store.fd(), hidden,
               Json{{"size", bounds.size_bytes}, {"age", bounds.age.count()}}.dump() + "\n");
    if (::renameat(store.fd(), hidden.c_str(), store.fd(), kBoundsFile) < 0) {
        throw errno_error("cannot set the bounds of the kept downloads");
    }
}

} // namespace slipway::cache
