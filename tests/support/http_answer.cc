// RFC 9110 as far as a file server needs it: Range with one part, If-Range, 206, 416.

#include "tests/support/http_answer.hh"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace slipway::tests {
namespace {

struct Part {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
};

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

// "bytes=N-" and "bytes=N-M"; other forms count as no range.
std::optional<Part> asked_part(const SeenRequest& request, const Resource& resource) {
    std::string range = request.header("Range");
    const std::string condition = request.header("If-Range");
    const bool same = condition.empty() || condition == resource.etag ||
                      (!resource.last_modified.empty() && condition == resource.last_modified);
    if (!same || !resource.ranges || !range.starts_with("bytes=")) {
        return std::nullopt;
    }
    const std::string_view text = std::string_view(range).substr(6);
    const std::size_t dash = text.find('-');
    const auto first = number(text.substr(0, dash));
    if (!first || dash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::uint64_t size = resource.content.size();
    const auto last = number(text.substr(dash + 1));
    return Part{*first, last ? std::min(*last + 1, size) : size};
}

std::shared_ptr<const Resource> short_text(int status) {
    auto resource = std::make_shared<Resource>();
    resource->content = fmt::format("<html><body>status {}</body></html>\n", status);
    resource->etag.clear();
    resource->headers = {{"Content-Type", "text/html"}};
    return resource;
}

class HeaderText {
public:
    explicit HeaderText(const Behaviour& behaviour) : behaviour_(behaviour) {}
    void add(std::string_view name, std::string_view value) {
        const auto& out = behaviour_.left_out;
        const bool left_out = std::any_of(out.begin(), out.end(), [name](const std::string& one) {
            return same_name(one, name);
        });
        if (!left_out && !value.empty()) {
            text_ += fmt::format("{}: {}\r\n", name, value);
        }
    }
    std::string text(int status) const {
        return fmt::format("{} {} Whatever\r\n{}\r\n", behaviour_.version, status, text_);
    }

private:
    const Behaviour& behaviour_;
    std::string text_;
};

void describe_body(HeaderText& header, const Behaviour& behaviour, std::uint64_t size) {
    if (behaviour.length) {
        header.add("Content-Length", std::to_string(*behaviour.length));
    } else if (behaviour.framing == Behaviour::Framing::Chunked) {
        header.add("Transfer-Encoding", "chunked");
    } else if (behaviour.framing == Behaviour::Framing::Length) {
        header.add("Content-Length", std::to_string(size));
    }
}

} // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

std::string SeenRequest::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& header) {
        return same_name(header.first, name);
    });
    return found == headers.end() ? std::string() : found->second;
}

SeenRequest parse_request_header(std::string_view header) {
    SeenRequest request;
    std::size_t line_end = header.find("\r\n");
    const std::string_view first = header.substr(0, line_end);
    const std::size_t blank = first.find(' ');
    request.method = first.substr(0, blank);
    request.target = first.substr(blank + 1, first.rfind(' ') - blank - 1);
    std::string_view path = request.target;
    if (const std::size_t scheme = path.find("://"); scheme != std::string_view::npos) {
        path.remove_prefix(std::min(path.size(), path.find('/', scheme + 3)));
    }
    request.path = path.substr(0, path.find('?'));
    while (line_end != std::string_view::npos) {
        header.remove_prefix(line_end + 2);
        line_end = header.find("\r\n");
        const std::string_view line = header.substr(0, line_end);
        const std::size_t colon = line.find(": ");
        if (colon != std::string_view::npos) {
            request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        }
    }
    return request;
}

HttpAnswer make_answer(const SeenRequest& request, std::shared_ptr<const Resource> resource,
                       const Behaviour& behaviour) {
    int status = 200;
    if (behaviour.resource) {
        resource = std::make_shared<Resource>(*behaviour.resource);
    }
    if (behaviour.status || !resource) {
        status = behaviour.status.value_or(404);
        resource = short_text(status);
    }
    HttpAnswer answer;
    answer.holder = resource;
    answer.body = resource->content;
    const std::uint64_t size = answer.body.size();
    HeaderText header(behaviour);
    const auto part = behaviour.ignore_range ? std::nullopt : asked_part(request, *resource);
    if (status == 200 && part && part->first >= size) {
        status = 416;
        answer.body = {};
        header.add("Content-Range", fmt::format("bytes */{}", size));
    } else if (status == 200 && part) {
        status = 206;
        answer.body = answer.body.substr(part->first, part->end - part->first);
        if (behaviour.content_range.empty()) {
            header.add("Content-Range",
                       fmt::format("bytes {}-{}/{}", part->first, part->end - 1, size));
        }
    }
    if (!behaviour.content_range.empty()) {
        status = 206;
        header.add("Content-Range", behaviour.content_range);
    }
    describe_body(header, behaviour, answer.body.size());
    header.add("ETag", resource->etag);
    header.add("Last-Modified", resource->last_modified);
    for (const auto& [name, value] : resource->headers) {
        header.add(name, value);
    }
    for (const auto& [name, value] : behaviour.headers) {
        header.add(name, value);
    }
    answer.header = header.text(status);
    answer.keep_alive = behaviour.framing != Behaviour::Framing::UntilClose && !behaviour.length &&
                        !same_name(request.header("Connection"), "close");
    if (request.method == "HEAD" || status == 204 || status == 304) {
        answer.body = {};
    }
    return answer;
}

} // namespace slipway::tests
