// "+" in front of a source makes it one of the image's own; an empty source is a directory that the
// engine makes, and takes away again (systemd-nspawn(1), --bind=).

#include "machine/setting_mounts.hh"

#include <cstddef>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/setting_values.hh"

namespace slipway::machine {
namespace {

std::vector<std::string> split_parts(std::string_view value) {
    std::vector<std::string> parts{""};
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) {
            parts.back() += value[++i];
        } else if (value[i] == ':') {
            parts.emplace_back();
        } else {
            parts.back() += value[i];
        }
    }
    return parts;
}

void check_source(std::string_view source) {
    if (!source.empty()) {
        parse_absolute_path(source.starts_with('+') ? source.substr(1) : source);
    }
}

} // namespace

BindMount parse_bind(std::string_view value) {
    std::vector<std::string> parts = split_parts(value);
    const std::string source = parts[0];
    if (parts.size() > 3 || (parts.size() == 1 && source.empty())) {
        throw Error(Kind::InvalidArgument, "{}; expected SOURCE[:TARGET[:OPTIONS]]", quoted(value));
    }
    check_source(source);
    const bool given = parts.size() > 1 && !parts[1].empty();
    const std::string target = given ? parts[1] : source.substr(source.starts_with('+') ? 1 : 0);
    return {.source = source,
            .target = parse_absolute_path(target),
            .options = parts.size() == 3 ? parts[2] : "",
            .read_only = false};
}

OverlayMount parse_overlay(std::string_view value) {
    std::vector<std::string> parts = split_parts(value);
    if (parts.size() < 2) {
        throw Error(Kind::InvalidArgument, "{}; expected LOWER:UPPER[:TARGET]", quoted(value));
    }
    OverlayMount mount{
        .layers = {}, .target = parse_absolute_path(parts.back()), .read_only = false};
    if (parts.size() > 2) {
        parts.pop_back();
    }
    for (const std::string& layer : parts) {
        check_source(layer);
    }
    mount.layers = std::move(parts);
    return mount;
}

std::string parse_temporary_file_system(std::string_view value) {
    parse_absolute_path(split_parts(value)[0]);
    return std::string(value);
}

std::string parse_pivot_root(std::string_view value) {
    const std::vector<std::string> parts = split_parts(value);
    for (const std::string& part : parts) {
        parse_absolute_path(part);
    }
    if (parts.size() > 2) {
        throw Error(Kind::InvalidArgument, "{}; expected NEW[:OLD]", quoted(value));
    }
    return std::string(value);
}

std::string join_parts(const std::vector<std::string>& parts) {
    std::string joined;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        joined += i == 0 ? "" : ":";
        for (const char byte : parts[i]) {
            joined += byte == ':' || byte == '\\' ? std::string{'\\', byte} : std::string{byte};
        }
    }
    return joined;
}

} // namespace slipway::machine
