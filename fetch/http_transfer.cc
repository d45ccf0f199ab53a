// libcurl's multi interface with a few transfers in it. Long because no other file may see libcurl.

#include "fetch/http_transfer.hh"

#include <algorithm>
#include <array>
#include <ctime>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <sys/socket.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "fetch/intake.hh"

namespace slipway::fetch {
namespace {

using Clock = std::chrono::steady_clock;

using Multi = Handle<CURLM, curl_multi_cleanup>;
using Easy = Handle<CURL, curl_easy_cleanup>;
using HeaderList = Handle<curl_slist, curl_slist_free_all>;

constexpr long kBufferBytes = 256L * 1024;

template <typename Value>
void set(const Easy& easy, CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(easy.get(), option, value);
    if (code != CURLE_OK) {
        throw Error(Kind::Internal, "libcurl refuses option {}: {}", static_cast<int>(option),
                    curl_easy_strerror(code));
    }
}

template <typename Value>
Value info(const Easy& easy, CURLINFO what) {
    Value value{};
    curl_easy_getinfo(easy.get(), what, &value);
    return value;
}

void append(HeaderList& list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) {
        throw Error(Kind::Limit, "no memory for a request");
    }
    static_cast<void>(list.release());
    list.reset(longer);
}

// "Failed to connect …" within a sentence; names in capitals stay as they are.
std::string as_clause(std::string text) {
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && is_lower(text[1])) {
        text[0] = static_cast<char>(text[0] | 0x20);
    }
    return text;
}

std::string today() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
    return text.data();
}

Trouble trouble_of(CURLcode code) noexcept {
    switch (code) {
    case CURLE_OK:
        return Trouble::None;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PROXY:
    case CURLE_OPERATION_TIMEDOUT: // the connect time-out: no other is set
        return Trouble::Unreachable;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return Trouble::Cut;
    default:
        return Trouble::Lasting;
    }
}

// Connections that nobody uses just now: local port → socket. Only HTTP/1: bytes that nobody asked
// for cannot be told from an answer there.
using IdleLines = std::map<long, int>;

// A transfer among those that the multi handle works on.
class Membership {
public:
    Membership(const Multi& multi, const Easy& easy) : multi_(multi), easy_(easy) {
        if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) {
            throw Error(Kind::Internal, "libcurl takes no transfer");
        }
    }
    ~Membership() { curl_multi_remove_handle(multi_.get(), easy_.get()); }
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

private:
    const Multi& multi_;
    const Easy& easy_;
};

class Transfer final : public Exchange {
public:
    Transfer(const Settings& settings, const Ask& what, Receiver& receiver, IdleLines& idle)
        : settings_(settings), what_(what), intake_(settings, receiver), idle_(idle),
          easy_(curl_easy_init()) {
        if (!easy_) {
            throw Error(Kind::Limit, "no memory for a transfer");
        }
    }

    void prepare(const Environment& environment) {
        set(easy_, CURLOPT_PRIVATE, this);
        set(easy_, CURLOPT_URL, what_.url.c_str());
        set(easy_, CURLOPT_NOBODY, what_.method == Method::Head ? 1L : 0L);
        set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
        set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
        set(easy_, CURLOPT_PROXY, what_.proxy.c_str()); // empty: none, whatever the environment
        set(easy_, CURLOPT_NOPROXY, "");
        set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        set(easy_, CURLOPT_USERAGENT, settings_.user_agent.c_str());
        set(easy_, CURLOPT_NOSIGNAL, 1L);
        set(easy_, CURLOPT_QUICK_EXIT, 1L); // else a cancel waits for the resolver
        set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect_timeout.count()));
        set(easy_, CURLOPT_BUFFERSIZE, buffer_bytes());
        set(easy_, CURLOPT_HTTP_CONTENT_DECODING, 0L);
        set(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
        set_certificates(environment);
        set_request_headers();
        set(easy_, CURLOPT_HEADERFUNCTION, &Transfer::header_arrived);
        set(easy_, CURLOPT_HEADERDATA, this);
        set(easy_, CURLOPT_WRITEFUNCTION, &Transfer::body_arrived);
        set(easy_, CURLOPT_WRITEDATA, this);
        set(easy_, CURLOPT_PREREQFUNCTION, &Transfer::about_to_ask);
        set(easy_, CURLOPT_PREREQDATA, this);
    }

    void avoid_idle_lines() { set(easy_, CURLOPT_FRESH_CONNECT, 1L); }

    void join(const Multi& multi) { membership_.emplace(multi, easy_); }

    static Transfer& of(CURL* easy) {
        Transfer* self = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
        return *self;
    }

    // libcurl has done with it.
    void complete(CURLcode code) {
        code_ = code;
        if (info<long>(easy_, CURLINFO_HTTP_VERSION) < CURL_HTTP_VERSION_2) {
            idle_[info<long>(easy_, CURLINFO_LOCAL_PORT)] =
                static_cast<int>(info<curl_socket_t>(easy_, CURLINFO_ACTIVESOCKET));
        }
    }

    void go_on() override {
        if (!code_ && intake_.is_paused() && intake_.may_resume()) {
            intake_.resume(); // before: the call below may hand over, and pause again
            curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
        }
    }

    std::optional<Got> result() override {
        intake_.rethrow();
        if (code_ || intake_.is_stalled()) {
            return ended(code_);
        }
        return std::nullopt;
    }

    Deadline deadline() const override { return intake_.deadline(); }

private:
    // Under a bound on the rate some pieces a second, that nobody takes the pauses for a dead line.
    long buffer_bytes() const {
        constexpr std::uint64_t kLeast = 1024; // libcurl's, too
        const std::uint64_t piece = std::max(settings_.rate_bytes / 8, kLeast);
        return settings_.rate_bytes == 0 || piece > kBufferBytes ? kBufferBytes
                                                                 : static_cast<long>(piece);
    }

    void set_certificates(const Environment& environment) {
        if (!settings_.ca_file.empty()) {
            set(easy_, CURLOPT_CAINFO, settings_.ca_file.c_str());
            set(easy_, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
            return;
        }
        if (!environment.ca_file.empty()) {
            set(easy_, CURLOPT_CAINFO, environment.ca_file.c_str());
        }
        if (!environment.ca_dir.empty()) {
            set(easy_, CURLOPT_CAPATH, environment.ca_dir.c_str());
        }
    }

    // CURLOPT_RESUME_FROM is not used: it makes a 200, which is what a changed file gets, an error.
    void set_request_headers() {
        if (what_.from_bytes) {
            set(easy_, CURLOPT_RANGE, fmt::format("{}-", *what_.from_bytes).c_str());
            append(request_headers_, "If-Range: " + what_.if_range);
        }
        if (what_.no_cache) {
            append(request_headers_, "Cache-Control: no-cache");
            append(request_headers_, "Pragma: no-cache");
        }
        set(easy_, CURLOPT_HTTPHEADER, request_headers_.get());
    }

    static int about_to_ask(void* self, char*, char*, int, int local_port) noexcept {
        auto* transfer = static_cast<Transfer*>(self);
        transfer->idle_.erase(local_port);
        transfer->intake_.asked();
        return CURL_PREREQFUNC_OK;
    }

    static std::size_t header_arrived(char* data, std::size_t, std::size_t size,
                                      void* self) noexcept {
        return answer(static_cast<Transfer*>(self)->intake_.header({data, size}), size);
    }

    static std::size_t body_arrived(char* data, std::size_t, std::size_t size,
                                    void* self) noexcept {
        return answer(static_cast<Transfer*>(self)->intake_.body({data, size}), size);
    }

    // What a callback says to libcurl; another number than was offered is an error.
    static std::size_t answer(Intake::Next next, std::size_t offered) noexcept {
        switch (next) {
        case Intake::Next::On:
            return offered;
        case Intake::Next::Pause:
            return CURL_WRITEFUNC_PAUSE;
        case Intake::Next::Stop:
            break;
        }
        return offered + 1;
    }

    // CURLINFO_REDIRECT_URL would do, if it were there when an endless body is not waited for.
    std::string location() const {
        const std::string& text = intake_.response().location;
        const Handle<CURLU, curl_url_cleanup> url(curl_url());
        constexpr unsigned kFlags = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE;
        char* absolute = nullptr;
        if (text.empty() || curl_url_set(url.get(), CURLUPART_URL, what_.url.c_str(), 0) != 0 ||
            curl_url_set(url.get(), CURLUPART_URL, text.c_str(), kFlags) != 0 ||
            curl_url_get(url.get(), CURLUPART_URL, &absolute, 0) != 0) {
            return {};
        }
        const Handle<char, curl_free> owner(absolute);
        return absolute;
    }

    // Without a code: stalled.
    Got ended(std::optional<CURLcode> code) const {
        if (intake_.answered() && !intake_.wants_body()) {
            return {Trouble::None, "", true, location()}; // how its body ended is all the same
        }
        if (!code) {
            return {Trouble::Stalled, intake_.stall_reason(), intake_.answered(), ""};
        }
        if (*code == CURLE_OK && !intake_.answered()) {
            return {Trouble::Cut, "the answer has no header", false, ""};
        }
        const Trouble trouble = trouble_of(*code);
        return {through_proxy(trouble), trouble == Trouble::None ? "" : reason(*code),
                intake_.answered(), ""};
    }

    // A proxy that refuses to connect will do so again; one that is busy is like a dead line.
    Trouble through_proxy(Trouble trouble) const {
        const long status = info<long>(easy_, CURLINFO_HTTP_CONNECTCODE);
        if (trouble == Trouble::None || status < 300) {
            return trouble;
        }
        return is_busy(static_cast<int>(status)) ? Trouble::Unreachable : Trouble::Lasting;
    }

    std::string reason(CURLcode code) const {
        const long connect_status = info<long>(easy_, CURLINFO_HTTP_CONNECTCODE);
        if (connect_status >= 300) {
            return fmt::format("the proxy answered {}{}", connect_status,
                               connect_status == 407 ? ": it wants credentials" : "");
        }
        if (code == CURLE_OUT_OF_MEMORY && !intake_.answered()) {
            return "a line in the header of the answer is too long";
        }
        std::string text = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
        text = as_clause(relayed(mask_urls(text)));
        // Of OpenSSL's verdicts (x509_vfy.h): 9 is "not yet valid", 10 "has expired".
        const long verdict = info<long>(easy_, CURLINFO_SSL_VERIFYRESULT);
        if (code == CURLE_PEER_FAILED_VERIFICATION && (verdict == 9 || verdict == 10)) {
            text += fmt::format("; the date of this machine is {}", today());
        }
        return text;
    }

    const Settings& settings_;
    const Ask what_;
    Intake intake_;
    IdleLines& idle_;
    std::optional<CURLcode> code_;
    HeaderList request_headers_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    Easy easy_; // after what it points to
    std::optional<Membership> membership_;
};

void check(CURLMcode code) {
    if (code != CURLM_OK) {
        throw Error(Kind::Internal, "libcurl: {}", curl_multi_strerror(code));
    }
}

Multi make_multi() {
    Multi multi(curl_multi_init());
    if (!multi) {
        throw Error(Kind::Limit, "no memory for HTTP");
    }
    check(curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS,
                            static_cast<long>(kMaxConnections)));
    return multi;
}

} // namespace

struct HttpClient::State {
    State(Settings s, Environment e) : settings(std::move(s)), environment(std::move(e)) {}

    const Settings settings;
    const Environment environment;
    IdleLines idle;
    Multi multi = make_multi();

    // A server that sends more than the length it announced leaves bytes behind, which libcurl
    // would read as the answer to the next request.
    bool has_leftovers() const {
        return std::any_of(idle.begin(), idle.end(), [](const auto& line) {
            char byte = 0;
            return ::recv(line.second, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
        });
    }
};

HttpClient::HttpClient(const Settings& settings, const Environment& environment)
    : state_(std::make_unique<State>(settings, environment)) {}

HttpClient::~HttpClient() = default;

std::unique_ptr<Exchange> HttpClient::begin(const Ask& what, Receiver& receiver) {
    auto transfer = std::make_unique<Transfer>(state_->settings, what, receiver, state_->idle);
    transfer->prepare(state_->environment);
    if (state_->has_leftovers()) {
        transfer->avoid_idle_lines();
    }
    transfer->join(state_->multi);
    return transfer;
}

void HttpClient::perform() {
    int running = 0;
    check(curl_multi_perform(state_->multi.get(), &running));
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(state_->multi.get(), &left)) {
        if (message->msg == CURLMSG_DONE) {
            Transfer::of(message->easy_handle).complete(message->data.result);
        }
    }
}

void HttpClient::wait(std::span<const pollfd> others, Deadline deadline) {
    using std::chrono::milliseconds;
    constexpr milliseconds kLong{60'000};
    milliseconds patience = kLong;
    if (deadline) {
        patience = std::clamp(std::chrono::ceil<milliseconds>(*deadline - Clock::now()),
                              milliseconds(0), kLong);
    }
    std::vector<curl_waitfd> wakers;
    for (const pollfd& other : others) {
        const int events = ((other.events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) |
                           ((other.events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0);
        wakers.push_back({other.fd, static_cast<short>(events), 0});
    }
    check(curl_multi_poll(state_->multi.get(), wakers.data(), static_cast<unsigned>(wakers.size()),
                          static_cast<int>(patience.count()), nullptr));
}

std::string http_engine() {
    return curl_version();
}

} // namespace slipway::fetch
