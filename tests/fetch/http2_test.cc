// HTTP/2: nginx speaks it in front of the server that misbehaves.

#include <optional>
#include <stdexcept>

#include <poll.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/wait.hh"
#include "tests/catch.hh"
#include "tests/fetch/fetching.hh"
#include "tests/support/loopback.hh"
#include "tests/support/tls_server.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

constexpr const char* kNginx = "/usr/sbin/nginx";

// nginx in the foreground. It finds no free port by itself; ours is closed just before it starts.
class Nginx {
public:
    Nginx(const TestAuthority& authority, const HttpServer& behind) : port_(port_of(listen_on(0))) {
        const auto [certificate, key] = authority.make_identity_files();
        const std::string top = directory_.path();
        write_file(directory_ / "nginx.conf",
                   fmt::format("daemon off;\nmaster_process off;\npid {0}/pid;\n"
                               "error_log {0}/error.log;\nevents {{}}\nhttp {{\n"
                               "  access_log off;\n  client_body_temp_path {0}/body;\n"
                               "  proxy_temp_path {0}/proxy;\n  fastcgi_temp_path {0}/fastcgi;\n"
                               "  uwsgi_temp_path {0}/uwsgi;\n  scgi_temp_path {0}/scgi;\n"
                               "  server {{\n    listen 127.0.0.1:{1} ssl http2;\n"
                               "    ssl_certificate {2};\n    ssl_certificate_key {3};\n"
                               "    location / {{\n      proxy_pass http://127.0.0.1:{4};\n"
                               "      proxy_http_version 1.1;\n      proxy_buffering off;\n"
                               "      proxy_set_header X-Protocol $server_protocol;\n"
                               "    }}\n  }}\n}}\n",
                               top, port_, certificate, key, behind.port()));
        ChildSpec spec;
        spec.program = kNginx;
        spec.arguments = {"-c", top + "/nginx.conf", "-e", top + "/error.log"};
        spec.capture_stderr = true;
        child_.emplace(spec);
        while (!connect_to(port_)) {
            if (child_->wait_for(5ms)) {
                throw std::runtime_error("nginx: " + child_->stderr_tail());
            }
        }
    }
    std::string url(const std::string& path) const {
        return "https://127.0.0.1:" + std::to_string(port_) + path;
    }

private:
    TempDir directory_;
    std::uint16_t port_;
    std::optional<ChildProcess> child_;
};

} // namespace

TEST_CASE("over HTTP/2 a file comes whole, in spite of cuts, stalls and a slow reader", "[fetch]") {
    if (::access(kNginx, X_OK) < 0) {
        SKIP("nginx is not installed");
    }
    const TestAuthority authority;
    HttpServer server;
    const std::string content = noise(3'000'000);
    server.serve("/image", content);
    const Nginx nginx(authority, server);
    fetch::Settings settings = quick();
    settings.ca_file = authority.ca_file();
    settings.connect_timeout = 20s;
    fetch::Fetcher fetcher = make_fetcher(settings);

    server.on("/image", {cut_after(1'000'000), answering(503), stall_after(500'000)});
    const Fetched fetched = fetch_file(fetcher, nginx.url("/image"));
    INFO(fetched.failure() << fetched.changed());
    CHECK(fetched.is_end());
    CHECK((fetched.body == content));
    CHECK(fetched.retries().size() == 3);
    for (const SeenRequest& request : server.requests()) {
        CHECK(request.header("X-Protocol") == "HTTP/2.0");
    }

    const Fd pipe = fetcher.start(Url::parse(nginx.url("/image")), 0, fetch::Cache::Use);
    REQUIRE(std::holds_alternative<fetch::Head>(fetcher.next({})));
    // The pipe is full and nobody reads: no answer may come, whatever the stall limit is.
    CHECK_FALSE(wait_for(fetcher.socket(), POLLIN, {}, std::chrono::steady_clock::now() + 2s));
    std::string body;
    std::vector<char> buffer(1 << 16);
    for (ssize_t got = 1; got > 0;) {
        got = ::read(pipe.get(), buffer.data(), buffer.size());
        body.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    }
    CHECK((body == content));
    CHECK(std::holds_alternative<fetch::End>(fetcher.next({})));
    CHECK(fetch_file(fetcher, nginx.url("/absent")).status() == 404);
}

TEST_CASE("over HTTP/2 documents that are fetched ahead share connections", "[fetch][ahead]") {
    if (::access(kNginx, X_OK) < 0) {
        SKIP("nginx is not installed");
    }
    const TestAuthority authority;
    HttpServer server;
    std::vector<fetch::Wanted> wanted;
    const Nginx nginx(authority, server);
    for (int number = 0; number < 12; ++number) {
        const std::string path = "/" + std::to_string(number);
        server.serve(path, "content of " + path);
        wanted.push_back({Url::parse(nginx.url(path)), 100, fetch::Cache::Use});
    }
    server.on("/5", {cut_after(3), answering(503)});
    fetch::Settings settings = quick();
    settings.ca_file = authority.ca_file();
    settings.connect_timeout = 20s;
    fetch::Fetcher fetcher = make_fetcher(settings);
    fetcher.expect(wanted);
    for (int number = 0; number < 12; ++number) {
        const std::string path = "/" + std::to_string(number);
        const auto found =
            fetcher.document(Url::parse(nginx.url(path)), 100, fetch::Cache::Use, {}, {});
        CHECK(found.content == "content of " + path);
    }
    for (const SeenRequest& request : server.requests()) {
        CHECK(request.header("X-Protocol") == "HTTP/2.0");
    }
    CHECK(server.requests().size() == 14);
}
