// The daemon reads no byte of an image: a keeper is asked, which has a confined program read.

#include <charconv>
#include <utility>

#include "base/error.hh"
#include "importd/machine1.hh"
#include "importd/machine1_error.hh"
#include "storage/image_name.hh"

namespace slipway::importd {
namespace {

// 16 bytes, or none.
std::vector<std::uint8_t> id_bytes(const std::string& text) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        std::uint8_t byte = 0;
        std::from_chars(text.data() + at, text.data() + at + 2, byte, 16);
        bytes.push_back(byte);
    }
    return bytes;
}

} // namespace

void Machine1::inspect(const bus::Call& call, const std::string& name,
                       std::function<void(const transfer::Inspected&)> answer) {
    with_image(call, name, [this, call, answer = std::move(answer)](const jobs::ImageView& image) {
        service_.inspect("machine", image.listed.image.name, answer,
                         [call](const jobs::Refusal& refusal) {
                             bus::Failure failure = machine1_failure(refusal);
                             failure.message = "Failed to read image metadata: " + failure.message;
                             call.fail(failure);
                         });
    });
}

void Machine1::get_hostname(const bus::Call& call, const std::string& name) {
    inspect(call, name,
            [call](const transfer::Inspected& system) { call.answer(system.host_name); });
}

void Machine1::get_machine_id(const bus::Call& call, const std::string& name) {
    inspect(call, name, [call](const transfer::Inspected& system) {
        call.answer(id_bytes(system.machine_id));
    });
}

void Machine1::get_machine_info(const bus::Call& call, const std::string& name) {
    inspect(call, name,
            [call](const transfer::Inspected& system) { call.answer(system.machine_info); });
}

void Machine1::get_os_release(const bus::Call& call, const std::string& name) {
    inspect(call, name,
            [call](const transfer::Inspected& system) { call.answer(system.os_release); });
}

} // namespace slipway::importd
