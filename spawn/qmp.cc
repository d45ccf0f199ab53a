// The name of a command travels as its id, so that an answer says whose it is.

#include "spawn/qmp.hh"

#include <array>

#include <fcntl.h>
#include <sys/socket.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLineBytes = 1 * MiB;
constexpr const char* kHandshake = "qmp_capabilities";

std::string text_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

QmpMessage read(const json& said) {
    QmpMessage message;
    message.command = text_at(said, "id");
    if (said.contains("event")) {
        message.name = text_at(said, "event");
    } else if (said.contains("error")) {
        message.kind = QmpMessage::Kind::Failed;
        message.name = said.at("error").is_object() ? text_at(said.at("error"), "desc") : "";
    } else if (said.contains("return")) {
        message.kind =
            message.command == kHandshake ? QmpMessage::Kind::Ready : QmpMessage::Kind::Return;
        message.value = said.at("return");
    } else {
        throw Error(Kind::Corrupt, "qemu says what is no message of its protocol: {}",
                    quoted(said.dump().substr(0, 200)));
    }
    return message;
}

} // namespace

Qmp::Qmp(Fd socket) : socket_(std::move(socket)) {
    ::fcntl(socket_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
}

void Qmp::execute(const std::string& command, const json& arguments) {
    json asked{{"execute", command}, {"id", command}};
    if (!arguments.empty()) {
        asked["arguments"] = arguments;
    }
    const std::string line = asked.dump() + "\n";
    static_cast<void>(!::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL));
}

std::optional<std::string> Qmp::next_line() {
    for (;;) {
        const std::size_t end = text_.find('\n');
        if (end != text_.npos) {
            std::string line = text_.substr(0, end);
            text_.erase(0, end + 1);
            return line;
        }
        if (text_.size() > kMaxLineBytes) {
            throw Error(Kind::Corrupt, "a message of qemu is longer than {} bytes", kMaxLineBytes);
        }
        std::array<char, 4 * KiB> part{};
        const ssize_t got = ::recv(socket_.get(), part.data(), part.size(), 0);
        if (got <= 0) {
            return std::nullopt;
        }
        text_.append(part.data(), static_cast<std::size_t>(got));
    }
}

std::optional<QmpMessage> Qmp::next() {
    while (const std::optional<std::string> line = next_line()) {
        const json said = json::parse(*line, nullptr, false);
        if (!said.is_object()) {
            throw Error(Kind::Corrupt, "qemu says what is no message of its protocol: {}",
                        quoted(line->substr(0, 200)));
        }
        if (said.contains("QMP")) { // the greeting: it takes commands after this one
            execute(kHandshake);
            continue;
        }
        return read(said);
    }
    return std::nullopt;
}

} // namespace slipway::spawn
