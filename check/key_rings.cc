// Rings are taken apart into packets and put together again: the engine reads one ring in one
// format, and stops at the first packet it cannot read.

#include "check/key_rings.hh"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "check/key_ring_format.hh"

namespace slipway::check {
namespace {

using Component = Certificate::Component;

// Puts packets where they belong in the certificate that they follow.
class Assembler {
public:
    // Empty, or what is wrong.
    std::string add(const Packet& packet) {
        switch (packet.tag) {
        case PacketTag::PublicKey:
            return begin(packet);
        case PacketTag::PublicSubkey:
            return check_key_body(packet.body) == KeyBody::Fine
                       ? append(packet, &Certificate::subkeys)
                       : "it holds a damaged subkey";
        case PacketTag::UserId:
        case PacketTag::UserAttribute:
            return append(packet, &Certificate::names);
        case PacketTag::Signature:
            if (last_ != nullptr) {
                last_->signatures.emplace_back(packet.body);
            }
            return last_ != nullptr || skipping_ ? "" : "it does not begin with a key";
        case PacketTag::SecretKey:
        case PacketTag::SecretSubkey:
            return "it holds a secret key, which does not belong here";
        case PacketTag::Trust:
        case PacketTag::Marker:
        case PacketTag::Padding:
            return {};
        }
        return fmt::format("it holds something else than keys (packet type {})",
                           static_cast<unsigned>(packet.tag));
    }

    std::vector<Certificate> take() { return std::move(certificates_); }
    unsigned skipped() const noexcept { return skipped_; }

private:
    std::string begin(const Packet& packet) {
        const KeyBody body = check_key_body(packet.body);
        skipping_ = body == KeyBody::OtherVersion;
        last_ = nullptr;
        if (body == KeyBody::Damaged) {
            return "it holds a damaged key";
        }
        if (skipping_) {
            ++skipped_;
            return {};
        }
        certificates_.push_back({Component{packet.tag, std::string(packet.body), {}}, {}, {}, {}});
        last_ = &certificates_.back().primary;
        return {};
    }

    std::string append(const Packet& packet, std::vector<Component> Certificate::*list) {
        if (skipping_) {
            return {};
        }
        if (certificates_.empty()) {
            return "it does not begin with a key";
        }
        auto& components = certificates_.back().*list;
        components.push_back({packet.tag, std::string(packet.body), {}});
        last_ = &components.back();
        return {};
    }

    std::vector<Certificate> certificates_;
    Component* last_ = nullptr; ///< what a signature that follows is about
    bool skipping_ = false;     ///< behind a key of another version
    unsigned skipped_ = 0;
};

void merge(Component& into, Component&& from) {
    for (std::string& signature : from.signatures) {
        auto& had = into.signatures;
        if (std::find(had.begin(), had.end(), signature) == had.end()) {
            had.push_back(std::move(signature));
        }
    }
}

void merge(std::vector<Component>& into, std::vector<Component>&& from) {
    for (Component& component : from) {
        const auto same = std::find_if(into.begin(), into.end(), [&](const Component& had) {
            return had.tag == component.tag && had.body == component.body;
        });
        if (same == into.end()) {
            into.push_back(std::move(component));
        } else {
            merge(*same, std::move(component));
        }
    }
}

void append(std::string& out, const Component& component) {
    append_packet(out, component.tag, component.body);
    for (const std::string& signature : component.signatures) {
        append_packet(out, PacketTag::Signature, signature);
    }
}

} // namespace

std::string KeyRings::add(std::string_view content, const std::string& name) {
    const verify::Unwrapped unwrapped = key_ring_packets(content);
    if (!unwrapped.problem.empty()) {
        return unwrapped.problem;
    }
    const Packets packets = split_packets(unwrapped.content);
    if (!packets.problem.empty()) {
        return packets.problem;
    }
    Assembler assembler;
    for (const Packet& packet : packets.packets) {
        if (std::string problem = assembler.add(packet); !problem.empty()) {
            return problem;
        }
    }
    for (Certificate& certificate : assembler.take()) {
        add(std::move(certificate), name);
    }
    if (assembler.skipped() > 0) {
        return fmt::format(
            "it holds {} key{} of another OpenPGP version than 4, which cannot be used",
            assembler.skipped(), assembler.skipped() == 1 ? "" : "s");
    }
    return packets.packets.empty() ? "it is empty" : "";
}

void KeyRings::add(Certificate&& certificate, const std::string& name) {
    certificate.files = {name};
    const auto [same, is_new] = index_.emplace(certificate.primary.body, certificates_.size());
    if (is_new) {
        certificates_.push_back(std::move(certificate));
        return;
    }
    Certificate& had = certificates_[same->second];
    if (had.files.back() != name) { // twice in one ring is once
        had.files.push_back(name);
    }
    merge(had.primary, std::move(certificate.primary));
    merge(had.names, std::move(certificate.names));
    merge(had.subkeys, std::move(certificate.subkeys));
}

bool KeyRings::names(std::string_view wanted) const {
    const std::string address = fmt::format("<{}>", wanted);
    const auto is_wanted = [&](const Component& name) {
        return name.body == wanted || name.body.ends_with(address);
    };
    return !wanted.empty() &&
           std::any_of(certificates_.begin(), certificates_.end(), [&](const Certificate& c) {
               return std::any_of(c.names.begin(), c.names.end(), is_wanted);
           });
}

std::string KeyRings::bytes() const {
    std::string out;
    for (const Certificate& certificate : certificates_) {
        append(out, certificate.primary);
        for (const auto* list : {&certificate.names, &certificate.subkeys}) {
            for (const Component& component : *list) {
                append(out, component);
            }
        }
    }
    return out;
}

} // namespace slipway::check
