// Everything but a stream is read before anything is asked: files of the keeper do not change.

#include "check/receive_check.hh"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "verify/checksum_file.hh"
#include "verify/judge.hh"

namespace slipway::check {
namespace {

constexpr std::uint64_t kMaxRingBytes = 16 * MiB;

KeyFile read_ring(std::string name, int fd) {
    try {
        return {std::move(name), read_all(fd, kMaxRingBytes), {}};
    } catch (const Error& error) {
        return {std::move(name), {}, error.what()};
    }
}

// Descriptors of one datagram, in order.
class Attached {
public:
    explicit Attached(std::vector<Fd> fds) : fds_(std::move(fds)) {}
    Fd take() {
        if (next_ >= fds_.size()) {
            throw Error(Kind::Internal, "a request to slipway-check lacks a descriptor");
        }
        return std::move(fds_[next_++]);
    }

private:
    std::vector<Fd> fds_;
    std::size_t next_ = 0;
};

Message next_message(int control) {
    std::optional<Message> message = receive_message(control, {});
    if (!message) {
        throw Error(Kind::Internal, "slipway-transfer has ended before its request was complete");
    }
    return *std::move(message);
}

// What comes before the rings.
void take_documents(Attached& attached, ReceivedCheck& into) {
    CheckRequest& request = into.request;
    const verify::CheckForm form = request.form;
    if (form == verify::CheckForm::Detached || form == verify::CheckForm::Clearsigned) {
        request.statement = read_all(attached.take().get(), verify::kMaxDocumentBytes);
    }
    if (form == verify::CheckForm::Streamed) {
        into.stream = attached.take();
    }
    if (form == verify::CheckForm::Detached || form == verify::CheckForm::Streamed ||
        form == verify::CheckForm::Foresee) {
        request.signature = read_all(attached.take().get(), verify::kMaxSignatureBytes);
    } else {
        into.output = attached.take();
    }
}

} // namespace

ReceivedCheck receive_check(int control) {
    Message message = next_message(control);
    verify::CheckMessage said = verify::check_message_from_json(message.text, true);
    Attached attached(std::move(message.fds));
    ReceivedCheck received;
    received.request.form = said.form;
    received.engine_patience = said.engine_patience;
    take_documents(attached, received);
    for (;;) {
        for (std::string& name : said.rings) {
            const Fd ring = attached.take();
            received.request.rings.push_back(read_ring(std::move(name), ring.get()));
        }
        if (!said.more) {
            return received;
        }
        message = next_message(control);
        said = verify::check_message_from_json(message.text, false);
        attached = Attached(std::move(message.fds));
    }
}

} // namespace slipway::check
