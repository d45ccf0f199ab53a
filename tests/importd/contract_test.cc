// The objects as introspection shows them, against the tables of the contract: names, types and
// order of arguments. Clients are compiled against these.

#include <regex>
#include <sstream>

#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Lines = std::vector<std::string>;

std::string attribute(const std::string& tag, const std::string& name) {
    std::smatch match;
    return std::regex_search(tag, match, std::regex(" " + name + "=\"([^\"]*)\"")) ? match[1].str()
                                                                                   : "";
}

// "in s url", one line for each member: "method PullTar: in s url, …", "property Id u read const".
Lines members_of(const std::string& xml, const std::string& interface) {
    Lines lines;
    bool inside = false;
    std::string kind;
    const std::regex tags("<[^>]*>");
    for (std::sregex_iterator tag(xml.begin(), xml.end(), tags), end; tag != end; ++tag) {
        const std::string text = tag->str();
        if (text.starts_with("<interface ")) {
            inside = attribute(text, "name") == interface;
        } else if (!inside) {
            continue;
        } else if (text.starts_with("<method ") || text.starts_with("<signal ")) {
            kind = text.substr(1, 6);
            lines.push_back(kind + " " + attribute(text, "name") + ":");
        } else if (text.starts_with("<arg ")) {
            const std::string direction =
                kind == "signal" ? "" : " " + attribute(text, "direction");
            lines.back() +=
                direction + " " + attribute(text, "type") + " " + attribute(text, "name");
        } else if (text.starts_with("<property ")) {
            lines.push_back("property " + attribute(text, "name") + ": " + attribute(text, "type") +
                            " " + attribute(text, "access"));
        } else if (text.starts_with("<annotation ") && lines.back().starts_with("property")) {
            lines.back() += " " + attribute(text, "value");
        }
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

std::string introspect(Client& client, const std::string& name, const std::string& path) {
    bus::Peer peer(client.connection(), name, path);
    return std::get<0>(peer.call_and_wait("org.freedesktop.DBus.Introspectable", "Introspect", {})
                           .read<std::string>());
}

Lines sorted(Lines lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
}

const Lines kManager = sorted({
    "method CancelTransfer: in u transfer_id",
    "method ExportRaw: in s local_name in h fd in s format out u transfer_id out o transfer_path",
    "method ExportRawEx: in s local_name in s class in h fd in s format in t flags out u "
    "transfer_id out o transfer_path",
    "method ExportTar: in s local_name in h fd in s format out u transfer_id out o transfer_path",
    "method ExportTarEx: in s local_name in s class in h fd in s format in t flags out u "
    "transfer_id out o transfer_path",
    "method ImportFileSystem: in h fd in s local_name in b force in b read_only out u transfer_id "
    "out o transfer_path",
    "method ImportFileSystemEx: in h fd in s local_name in s class in t flags out u transfer_id "
    "out o transfer_path",
    "method ImportRaw: in h fd in s local_name in b force in b read_only out u transfer_id out o "
    "transfer_path",
    "method ImportRawEx: in h fd in s local_name in s class in t flags out u transfer_id out o "
    "transfer_path",
    "method ImportTar: in h fd in s local_name in b force in b read_only out u transfer_id out o "
    "transfer_path",
    "method ImportTarEx: in h fd in s local_name in s class in t flags out u transfer_id out o "
    "transfer_path",
    "method ListImages: in s class in t flags out a(ssssbtttttt) images",
    "method ListTransfers: out a(usssdo) transfers",
    "method ListTransfersEx: in s class in t flags out a(ussssdo) transfers",
    "method PullOci: in s ref in s local_name in s class in t flags out u transfer_id out o "
    "transfer_path",
    "method PullRaw: in s url in s local_name in s verify_mode in b force out u transfer_id out o "
    "transfer_path",
    "method PullRawEx: in s url in s local_name in s class in s verify_mode in t flags out u "
    "transfer_id out o transfer_path",
    "method PullTar: in s url in s local_name in s verify_mode in b force out u transfer_id out o "
    "transfer_path",
    "method PullTarEx: in s url in s local_name in s class in s verify_mode in t flags out u "
    "transfer_id out o transfer_path",
    "signal TransferNew: u transfer_id o transfer_path",
    "signal TransferRemoved: u transfer_id o transfer_path s result",
});

const Lines kTransfer = sorted({
    "method Cancel:",
    "property Id: u read const",
    "property Local: s read const",
    "property Progress: d read false",
    "property Remote: s read const",
    "property Type: s read const",
    "property Verify: s read const",
    "signal LogMessage: u priority s line",
    "signal ProgressUpdate: d progress",
});

const Lines kLogControl = sorted({
    "property LogLevel: s readwrite false",
    "property LogTarget: s readwrite false",
    "property SyslogIdentifier: s read const",
});

const Lines kSlipway = sorted({
    "method Cancel: in u job",
    "method History: in s query out s jobs",
    "method ListJobs: out s jobs",
    "method Submit: in s request in ah descriptors out u job",
    "property Protocol: u read const",
    "property Proxies: b read false",
    "property Version: s read const",
    "signal Event: u job s event",
});

} // namespace

TEST_CASE("names, types and order of everything on the bus are those of the contract",
          "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TestBus bus;
    Faces faces(bus);
    Client client(bus);
    const auto number = faces.with_service([](RememberingService& service) {
        return service.add(make_pull("web", "http://h/web.tar"));
    });
    const std::string import1 = "org.freedesktop.import1";
    const std::string top = introspect(client, import1, "/org/freedesktop/import1");
    CHECK(members_of(top, "org.freedesktop.import1.Manager") == kManager);
    const std::string path = "/org/freedesktop/import1/transfer/_" + std::to_string(number);
    const std::string transfer = introspect(client, import1, path);
    CHECK(members_of(transfer, "org.freedesktop.import1.Transfer") == kTransfer);
    CHECK(members_of(introspect(client, import1, "/org/freedesktop/LogControl1"),
                     "org.freedesktop.LogControl1") == kLogControl);
    CHECK(members_of(introspect(client, "io.slipway.Importd", "/io/slipway/Importd"),
                     "io.slipway.Importd") == kSlipway);

    // Transfers are found by introspection, and nothing manages objects.
    const std::string list = introspect(client, import1, "/org/freedesktop/import1/transfer");
    CHECK_THAT(list, contains("<node name=\"_" + std::to_string(number) + "\"/>"));
    for (const std::string& xml : {top, transfer, list}) {
        CHECK(xml.find("ObjectManager") == std::string::npos);
        CHECK_THAT(xml, contains("org.freedesktop.DBus.Peer"));
        CHECK_THAT(xml, contains("org.freedesktop.DBus.Properties"));
    }
}
