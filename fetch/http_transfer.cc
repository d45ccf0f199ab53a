// libcurl's multi interface with one transfer in it. Long because no other file may see libcurl.

#include "fetch/http_transfer.hh"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <set>
#include <utility>

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

// One GET on its way.
class Transfer {
public:
    Transfer(const Settings& settings, const Get& what, Receiver& receiver)
        : settings_(settings), what_(what), receiver_(receiver), intake_(settings, receiver),
          easy_(curl_easy_init()) {
        if (!easy_) {
            throw Error(Kind::Limit, "no memory for a transfer");
        }
    }

    const Easy& easy() const noexcept { return easy_; }

    void prepare(const Environment& environment) {
        set(easy_, CURLOPT_URL, what_.url.c_str());
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

    // Moves it on until it has ended one way or the other.
    Got run(const Multi& multi) {
        for (;;) {
            int running = 0;
            check(curl_multi_perform(multi.get(), &running));
            intake_.rethrow();
            const bool room = receiver_.on_turn();
            if (running == 0) {
                return ended(result_of(multi));
            }
            if (intake_.is_paused() && room && intake_.may_resume()) {
                intake_.resume(); // before: the call below may hand over, and pause again
                curl_easy_pause(easy_.get(), CURLPAUSE_CONT);
                intake_.rethrow();
                continue;
            }
            if (intake_.is_stalled()) {
                return ended({});
            }
            wait(multi);
        }
    }

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

    static int about_to_ask(void* self, char*, char*, int, int) noexcept {
        static_cast<Transfer*>(self)->intake_.asked();
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

    void wait(const Multi& multi) {
        constexpr std::chrono::milliseconds kLong{60'000};
        std::chrono::milliseconds patience = kLong;
        if (const auto deadline = intake_.deadline()) {
            patience =
                std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()),
                           std::chrono::milliseconds(0), kLong);
        }
        std::vector<curl_waitfd> others;
        for (const pollfd& waker : receiver_.wakers()) {
            const int events = ((waker.events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) |
                               ((waker.events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0);
            others.push_back({waker.fd, static_cast<short>(events), 0});
        }
        check(curl_multi_poll(multi.get(), others.data(), static_cast<unsigned>(others.size()),
                              static_cast<int>(patience.count()), nullptr));
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

    static CURLcode result_of(const Multi& multi) {
        CURLcode code = CURLE_OK;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
            if (message->msg == CURLMSG_DONE) {
                code = message->data.result;
            }
        }
        return code;
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

    static void check(CURLMcode code) {
        if (code != CURLM_OK) {
            throw Error(Kind::Internal, "libcurl: {}", curl_multi_strerror(code));
        }
    }

    const Settings& settings_;
    const Get& what_;
    Receiver& receiver_;
    Intake intake_;
    HeaderList request_headers_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    Easy easy_; // last: it must go before what it points to
};

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

} // namespace

struct HttpClient::State {
    State(Settings s, Environment e) : settings(std::move(s)), environment(std::move(e)) {}

    const Settings settings;
    const Environment environment;
    Multi multi{curl_multi_init()};
    std::set<int> lines; ///< sockets of connections that may be open still

    // A server that sends more than the length it announced leaves bytes behind, which libcurl
    // would read as the answer to the next request: then every connection is dropped.
    void drop_lines_with_leftovers() {
        const bool leftovers = std::any_of(lines.begin(), lines.end(), [](int line) {
            char byte = 0;
            return ::recv(line, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
        });
        if (leftovers) {
            multi.reset(curl_multi_init());
            lines.clear();
        }
    }
};

HttpClient::HttpClient(const Settings& settings, const Environment& environment)
    : state_(std::make_unique<State>(settings, environment)) {
    if (!state_->multi) {
        throw Error(Kind::Limit, "no memory for HTTP");
    }
}

HttpClient::~HttpClient() = default;

Got HttpClient::get(const Get& what, Receiver& receiver) {
    state_->drop_lines_with_leftovers();
    Transfer transfer(state_->settings, what, receiver);
    transfer.prepare(state_->environment);
    const Membership membership(state_->multi, transfer.easy());
    Got got = transfer.run(state_->multi);
    state_->lines.insert(
        static_cast<int>(info<curl_socket_t>(transfer.easy(), CURLINFO_ACTIVESOCKET)));
    return got;
}

std::string http_engine() {
    return curl_version();
}

} // namespace slipway::fetch
