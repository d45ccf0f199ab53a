// What the test server answers to a request: a pure function of request, resource and behaviour.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/http_server.hh"

namespace slipway::tests {

struct HttpAnswer {
    std::string header;    ///< status line and fields, up to the empty line
    std::string_view body; ///< lies in `holder`
    std::shared_ptr<const Resource> holder;
    bool keep_alive = true;
};

/// @param resource  what lies under the path; nothing: 404
HttpAnswer make_answer(const SeenRequest& request, std::shared_ptr<const Resource> resource,
                       const Behaviour& behaviour);

/// The request that this header (without the empty line) is.
SeenRequest parse_request_header(std::string_view header);

bool same_name(std::string_view a, std::string_view b) noexcept;

} // namespace slipway::tests
