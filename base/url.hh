// URLs of images and of what lies beside them. Grammar: RFC 3986; accepted are http, https and
// file, as the peers accept them.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace slipway {

class Url {
public:
    /// @throws Error  InvalidArgument: another scheme, no host, control characters, blanks or
    ///                bytes outside ASCII; says what was expected
    static Url parse(std::string_view text);

    /// As given, secrets included: for the request only, never for a message.
    const std::string& text() const noexcept { return text_; }
    /// "http", "https" or "file".
    std::string_view scheme() const noexcept;
    bool is_file() const noexcept { return scheme() == "file"; }
    /// "example.org:8080": host and port as written, in lower case; empty for file URLs.
    std::string host() const;
    /// For file URLs: the decoded path.
    std::string path() const;
    /// The path as written: "/images/a%20b.img"; empty when there is none.
    std::string_view raw_path() const noexcept;
    /// For people: the user part, and the values of the query, replaced by "…".
    std::string masked() const;
    /// The last segment of the path, percent-decoded; empty when there is none.
    std::string file_name() const;
    /// The last segment of the path as written; trailing slashes are dropped first.
    std::string_view raw_file_name() const noexcept;
    /// The URL of the file `name` beside this one; `name` is percent-encoded as needed. The query
    /// is kept (pre-signed URLs), the fragment dropped.
    Url sibling(std::string_view name) const;

private:
    explicit Url(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Any text that may hold URLs with secrets (messages of libraries): user parts masked.
std::string mask_urls(std::string_view text);

} // namespace slipway
