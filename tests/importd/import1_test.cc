// Calls of org.freedesktop.import1 by root, over a service that only remembers.

#include <cfloat>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/socket.h>

#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

const std::string kInvalid = "org.freedesktop.DBus.Error.InvalidArgs";
const std::string kUrl = "https://example.com/web.tar.xz";

using Listed =
    bus::Struct<std::uint32_t, std::string, std::string, std::string, double, bus::ObjectPath>;
using ListedEx = bus::Struct<std::uint32_t, std::string, std::string, std::string, std::string,
                             double, bus::ObjectPath>;

struct Scene {
    TestBus bus;
    Faces faces{bus};
    Client client{bus};
};

// "TransferNew 1", "LogMessage 6 text", "ProgressUpdate 0.5", "TransferRemoved 1 done", in order.
class Heard {
public:
    explicit Heard(Client& client)
        : subscription_(client.connection().subscribe(
              "type='signal',path_namespace='/org/freedesktop/import1'",
              [this](bus::Incoming signal) { lines.push_back(line_of(signal)); })) {}

    std::vector<std::string> lines;

private:
    static std::string line_of(bus::Incoming& signal) {
        const std::string member = signal.member();
        if (member == "TransferNew") {
            const auto [id, path] = signal.read<std::uint32_t, bus::ObjectPath>();
            return fmt::format("{} {} {}", member, id, path.substr(path.rfind('/') + 1));
        }
        if (member == "TransferRemoved") {
            const auto [id, path, result] =
                signal.read<std::uint32_t, bus::ObjectPath, std::string>();
            return fmt::format("{} {} {}", member, id, result);
        }
        if (member == "LogMessage") {
            const auto [priority, text] = signal.read<std::uint32_t, std::string>();
            return fmt::format("{} {}", priority, text);
        }
        if (member == "ProgressUpdate") {
            return fmt::format("{} {}", member, std::get<0>(signal.read<double>()));
        }
        return member;
    }

    bus::Subscription subscription_;
};

} // namespace

TEST_CASE("every starting method makes the request that it stands for", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const TempDir directory;
    write_file(directory / "a.tar", "tar");
    const Fd file = open_file(directory / "a.tar", O_RDONLY);
    const Fd tree = open_file(directory.path(), O_RDONLY | O_DIRECTORY);
    const std::uint64_t flags = 7;

    const auto [id, path] =
        scene.client.import1("PullTar", kUrl, std::string("a"), std::string("checksum"), true)
            .read<std::uint32_t, bus::ObjectPath>();
    CHECK(id == 1);
    CHECK(path == "/org/freedesktop/import1/transfer/_1");
    scene.client.import1("PullRaw", kUrl, std::string(), std::string(), false);
    scene.client.import1("PullTarEx", kUrl + "?2", std::string("c"), std::string("portable"),
                         std::string("no"), flags);
    scene.client.import1("PullRawEx", kUrl + "?3", std::string("d"), std::string("machine"),
                         std::string("signature"), std::uint64_t{2});
    scene.client.import1("ImportTar", file, std::string("e"), false, true);
    scene.client.import1("ImportRaw", file, std::string("f"), true, false);
    scene.client.import1("ImportFileSystem", tree, std::string("g"), false, false);
    scene.client.import1("ImportTarEx", file, std::string("h"), std::string("confext"),
                         std::uint64_t{3});
    scene.client.import1("ImportRawEx", file, std::string("i"), std::string("sysext"),
                         std::uint64_t{0});
    scene.client.import1("ImportFileSystemEx", tree, std::string("j"), std::string("machine"),
                         std::uint64_t{1});

    const auto lines = scene.faces.with_service([](RememberingService& service) {
        std::vector<std::string> texts;
        for (const jobs::Submission& one : service.submissions) {
            const transfer::Request& request = one.request;
            texts.push_back(
                fmt::format("{} {} {} {} {}{}{}{}{}", transfer::word(request.verb), request.name,
                            one.image_class, request.verify, request.force ? "f" : "",
                            request.read_only ? "r" : "", one.one_per_url ? "1" : "",
                            request.siblings.settings ? "s" : "", one.input ? "i" : ""));
        }
        return texts;
    });
    const std::vector<std::string> expected{
        "pull-tar a machine checksum f1s", "pull-raw  machine signature 1s",
        "pull-tar c portable no fr1",      "pull-raw d machine signature r1s",
        "import-tar e machine no rsi",     "import-raw f machine no fsi",
        "import-fs g machine no si",       "import-tar h confext no frsi",
        "import-raw i sysext no si",       "import-fs j machine no fsi",
    };
    CHECK(lines == expected);
}

TEST_CASE("B3: wrong arguments are refused under the contract's names before any job exists",
          "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    const auto pull = [&client](const std::string& url, const std::string& name,
                                const std::string& image_class, const std::string& verify,
                                std::uint64_t flags) {
        return client.import1_error("PullTarEx", url, name, image_class, verify, flags);
    };
    CHECK(pull(kUrl, "a", "machine", "no", 8) == kInvalid);
    CHECK_THAT(client.message(), contains("0x8"));
    CHECK(pull(kUrl, "a", "machines", "no", 0) == kInvalid);
    CHECK(pull(kUrl, "a", "", "no", 0) == kInvalid);
    CHECK(pull(kUrl, "a", "machine", "maybe", 0) == kInvalid);
    CHECK(pull(kUrl, "a", "machine", std::string(64, 'a'), 0) == kInvalid);
    CHECK(pull("ftp://h/a", "a", "machine", "no", 0) == kInvalid);
    CHECK(pull("http://", "a", "machine", "no", 0) == kInvalid);
    CHECK(pull("HTTP://h/a", "a", "machine", "no", 0) == kInvalid);
    CHECK(pull("http://h/\xc3\xbc", "a", "machine", "no", 0) == kInvalid);
    for (const std::string name : {"..", ".", "a/b", ".#a", "a\nb"}) {
        CHECK(pull(kUrl, name, "machine", "no", 0) == kInvalid);
    }
    CHECK(pull(kUrl, std::string(256, 'a'), "machine", "no", 0) == kInvalid);
    CHECK(pull("http://h/", "", "machine", "no", 0) == kInvalid);
    CHECK(client.import1_error("CancelTransfer", std::uint32_t{0}) == kInvalid);
    CHECK(client.import1_error("CancelTransfer", std::uint32_t{9}) ==
          "org.freedesktop.import1.NoSuchTransfer");
    CHECK(client.message() == "No transfer by id 9");
    CHECK(client.import1_error("ListTransfersEx", std::string("x"), std::uint64_t{0}) == kInvalid);
    CHECK(client.import1_error("ListTransfersEx", std::string(), std::uint64_t{1}) == kInvalid);
    CHECK(client.import1_error("ListImages", std::string("x"), std::uint64_t{0}) == kInvalid);
    // What the library itself refuses: other types, no arguments, no such method.
    CHECK(client.import1_error("PullTar", std::uint32_t{1}) == kInvalid);
    CHECK(client.import1_error("PullTar") == kInvalid);
    CHECK(client.import1_error("Pull") == "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(scene.faces.live_jobs() == 0);
}

TEST_CASE("legal names of images are taken, although no machine can be called so", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    int count = 0;
    for (const std::string name : {".hidden", "a b", "\xc3\xbc", "a_b", "x.", "-x"}) {
        CHECK(scene.client.import1_error("PullTarEx", kUrl + "?" + std::to_string(++count), name,
                                         std::string("machine"), std::string("no"),
                                         std::uint64_t{0}) == "");
    }
    CHECK(scene.client.import1_error("PullTar", kUrl, std::string(200, 'a'), std::string(),
                                     false) == "");
}

TEST_CASE("B3: a descriptor of the wrong kind is refused before any job exists", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const TempDir directory;
    write_file(directory / "file", "x");
    const auto import = [&scene](const char* method, const Fd& fd) {
        return scene.client.import1_error(method, fd, std::string("a"), false, false);
    };
    const auto file = [&directory](int flags) { return open_file(directory / "file", flags); };
    const Fd tree = open_file(directory.path(), O_RDONLY | O_DIRECTORY);

    CHECK(import("ImportTar", tree) == kInvalid); // a directory for a tar
    CHECK_THAT(scene.client.message(), contains("is a directory; expected a file or a pipe"));
    CHECK(import("ImportRaw", tree) == kInvalid);
    CHECK(import("ImportFileSystem", file(O_RDONLY)) == "System.Error.ENOTDIR");
    CHECK(import("ImportTar", file(O_WRONLY)) == kInvalid); // write-only
    CHECK_THAT(scene.client.message(), contains("for writing only"));
    CHECK(import("ImportTar", file(O_PATH)) == "System.Error.EREMOTEIO");
    CHECK(import("ImportFileSystem", open_file(directory.path(), O_PATH)) ==
          "System.Error.EREMOTEIO");
    CHECK(import("ImportTar", file(O_RDONLY | O_NONBLOCK)) == "System.Error.EREMOTEIO");
    CHECK(import("ImportTar", file(O_RDWR | O_APPEND)) == "System.Error.EREMOTEIO");
    CHECK(import("ImportTar", open_file("/dev/null", O_RDONLY)) == kInvalid);
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Fd one(ends[0]);
    const Fd other(ends[1]);
    CHECK(import("ImportTar", one) == kInvalid);
    CHECK_THAT(scene.client.message(), contains("a socket"));
    CHECK(scene.faces.live_jobs() == 0);

    CHECK(import("ImportTar", file(O_RDWR | O_NOFOLLOW)) == "");
}

TEST_CASE("a descriptor that arrives is closed on exec and not below 3", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const TempDir directory;
    write_file(directory / "file", "x");
    scene.client.import1("ImportTar", open_file(directory / "file", O_RDONLY), std::string("a"),
                         false, false);
    const auto [number, flags] = scene.faces.with_service([](RememberingService& service) {
        const int fd = service.submissions.front().input.get();
        return std::pair(fd, ::fcntl(fd, F_GETFD));
    });
    CHECK(number >= 3);
    CHECK((flags & FD_CLOEXEC) != 0);
}

TEST_CASE("a transfer tells what it is, and lists hold it until it ends", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    scene.client.import1("PullRaw", std::string("https://u:p@example.com/a.raw?token=secret"),
                         std::string(), std::string(), false);
    bus::Peer transfer(client.connection(), "org.freedesktop.import1",
                       "/org/freedesktop/import1/transfer/_1");
    const auto property = [&transfer](const std::string& name) {
        return std::get<0>(transfer
                               .call_and_wait("org.freedesktop.DBus.Properties", "Get", {},
                                              std::string("org.freedesktop.import1.Transfer"), name)
                               .read<bus::Variant>());
    };
    CHECK(property("Id").get<std::uint32_t>() == 1);
    CHECK(property("Local").get<std::string>().empty());
    CHECK(property("Type").get<std::string>() == "pull-raw");
    CHECK(property("Verify").get<std::string>() == "signature");
    CHECK(property("Progress").get<double>() == -DBL_MAX);
    const auto remote = property("Remote").get<std::string>();
    CHECK(remote.find("secret") == std::string::npos); // everybody on the bus may read it
    CHECK_THAT(remote, contains("example.com/a.raw"));

    const auto listed = [&client] {
        return std::get<0>(client.import1("ListTransfers").read<std::vector<Listed>>());
    };
    const auto listed_of = [&client](const std::string& image_class) {
        return std::get<0>(client.import1("ListTransfersEx", image_class, std::uint64_t{0})
                               .read<std::vector<ListedEx>>());
    };
    REQUIRE(listed().size() == 1);
    CHECK(std::get<4>(listed().front()) == -DBL_MAX);
    scene.faces.with_service([](RememberingService& service) {
        service.say(
            1, transfer::Progress{.stage = "download", .done_bytes = 999, .total_bytes = 2000});
    });
    CHECK(std::get<4>(listed().front()) == 0.49);
    CHECK(property("Progress").get<double>() == 0.49);
    REQUIRE(listed_of("").size() == 1);
    CHECK(std::get<4>(listed_of("machine").front()) == "machine");
    CHECK(listed_of("sysext").empty());

    scene.faces.with_service(
        [](RememberingService& service) { service.end(1, {.outcome = transfer::Outcome::Done}); });
    CHECK(listed().empty());
    CHECK_THROWS_MATCHES(property("Id"), Error,
                         Catch::Matchers::Predicate<Error>(
                             [](const Error& e) { return e.kind() == Kind::NotFound; }));
}

TEST_CASE("TransferNew comes before the reply, log lines before the end, and one end",
          "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Heard heard(scene.client);
    scene.client.import1("PullTar", kUrl, std::string("web"), std::string("no"), false);
    scene.client.wait([&heard] { return !heard.lines.empty(); });
    scene.faces.with_service([](RememberingService& service) {
        service.say(1, transfer::Started{"0", "pull-tar", "web", kUrl});
        for (std::uint64_t done = 0; done <= 1000; done += 5) { // each per cent twice
            service.say(
                1, transfer::Progress{.stage = "copy", .done_bytes = done, .total_bytes = 1000});
        }
        service.say(1, transfer::LogLine{transfer::LogLevel::Debug, "dropped"});
        service.say(1, transfer::LogLine{transfer::LogLevel::Warning, "odd"});
        service.end(1, {.outcome = transfer::Outcome::Failed, .status = 8, .text = "no network"});
    });
    const bool ended =
        scene.client.wait([&heard] { return heard.lines.back().starts_with("TransferRemoved"); });
    INFO(fmt::format("{}", fmt::join(heard.lines, "\n")));
    REQUIRE(ended);
    CHECK(heard.lines.at(0) == "TransferNew 1 _1");
    CHECK(heard.lines.at(1) == "6 Pulling '" + kUrl + "', saving as 'web'.");
    CHECK(heard.lines.at(2) == "ProgressUpdate 0");
    CHECK(heard.lines.at(3) == "ProgressUpdate 0.01");
    const std::vector<std::string> last(heard.lines.end() - 5, heard.lines.end());
    CHECK(last == std::vector<std::string>{"ProgressUpdate 1", "4 odd", "3 no network",
                                           "6 Exiting.", "TransferRemoved 1 failed"});
    CHECK(heard.lines.size() == 2 + 101 + 4);
}

TEST_CASE("C1: the same URL again is in progress, the same name exists and says who has it",
          "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    const auto pull = [&client](const char* method, const std::string& url, const char* name) {
        return client.import1_error(method, url, std::string(name), std::string("no"), false);
    };
    const std::string in_progress = "org.freedesktop.import1.TransferInProgress";
    CHECK(pull("PullTar", kUrl, "a") == "");
    CHECK(pull("PullTar", kUrl, "a") == in_progress); // C1: both
    CHECK(pull("PullTar", kUrl, "b") == in_progress); // C3: the contract refuses it
    CHECK_THAT(client.message(), contains("job 1"));
    CHECK(pull("PullRaw", kUrl, "b") == ""); // another type
    CHECK(pull("PullTar", kUrl + "?2", "a") == "org.freedesktop.DBus.Error.FileExists"); // C2
    CHECK_THAT(client.message(), contains("job 1"));
}

TEST_CASE("exports are transfers with a descriptor to write to", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    const TempDir directory;
    const auto file = [&directory](int flags) {
        return open_file(directory / "out", flags | O_CREAT);
    };
    const std::string web = "web";
    CHECK(client.import1_error("ExportTar", web, file(O_RDWR), std::string()) == "");
    CHECK(client.import1_error("ExportRaw", std::string("disk"), file(O_WRONLY),
                               std::string("zstd")) == "");
    CHECK(client.import1_error("ExportTarEx", std::string("ext"), std::string("sysext"),
                               file(O_WRONLY), std::string("gzip"), std::uint64_t{0}) == "");
    scene.faces.with_service([](RememberingService& service) {
        REQUIRE(service.submissions.size() == 3);
        CHECK(service.submissions[0].request.verb == transfer::Verb::ExportTar);
        CHECK(service.submissions[0].request.name == "web");
        CHECK(service.submissions[0].request.format.empty());
        CHECK(service.submissions[0].input);
        CHECK_THAT(service.submissions[0].source, contains("/out"));
        CHECK(service.submissions[1].request.verb == transfer::Verb::ExportRaw);
        CHECK(service.submissions[1].request.format == "zstd");
        CHECK(service.submissions[2].image_class == "sysext");
        return 0;
    });
    CHECK_THAT(scene.bus
                   .run({"busctl", "--system", "get-property", "org.freedesktop.import1",
                         "/org/freedesktop/import1/transfer/_1", "org.freedesktop.import1.Transfer",
                         "Type", "Remote", "Verify"})
                   .out,
               contains("s \"export-tar\"\ns \"\"\ns \"\"\n"));

    const auto wrong = [&](const Fd& fd, const std::string& format = "") {
        return client.import1_error("ExportTar", std::string("b"), fd, format);
    };
    CHECK(wrong(file(O_RDONLY)) == kInvalid);
    CHECK_THAT(client.message(), contains("for reading only"));
    CHECK(wrong(file(O_WRONLY | O_APPEND)) == "System.Error.EREMOTEIO");
    CHECK(wrong(open_file("/dev/null", O_WRONLY)) == kInvalid);
    CHECK(wrong(file(O_WRONLY), "rar") == kInvalid);
    CHECK_THAT(client.message(), contains("expected uncompressed, gzip"));
    CHECK(client.import1_error("ExportTar", std::string("../b"), file(O_WRONLY), std::string()) ==
          kInvalid);
    CHECK(client.import1_error("ExportRawEx", web, std::string("machine"), file(O_WRONLY),
                               std::string(), std::uint64_t{1}) == kInvalid);
    CHECK(client.import1_error("ExportRawEx", web, std::string("cat"), file(O_WRONLY),
                               std::string(), std::uint64_t{0}) == kInvalid);
    CHECK(scene.faces.live_jobs() == 3);
}

TEST_CASE("what Slipway cannot do is refused in a sentence", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    const std::string a = "a";
    const std::string refused = "org.freedesktop.DBus.Error.NotSupported";
    CHECK(client.import1_error("PullOci", a, a, a, std::uint64_t{0}) == refused);
    CHECK_THAT(client.message(), contains("OCI"));
}

TEST_CASE("a bug behind a handler is an error of that call and nothing more", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    scene.faces.with_service([](RememberingService& service) { service.breaks = true; });
    CHECK(scene.client.import1_error("PullTar", kUrl, std::string("a"), std::string("no"), false) ==
          "org.freedesktop.DBus.Error.Failed");
    CHECK(scene.client.message() == "a bug of the daemon");
    CHECK(scene.client.import1_error("ListTransfers") == "");
}

TEST_CASE("ListImages answers with what is known of each image", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    scene.faces.with_service([](RememberingService& service) {
        service.images.push_back({"machine",
                                  {.name = storage::ImageName::parse("web"),
                                   .type = storage::ImageType::Raw,
                                   .read_only = true,
                                   .created_us = 17,
                                   .path = "/var/lib/machines/web.raw"}});
    });
    using Entry =
        bus::Struct<std::string, std::string, std::string, std::string, bool, std::uint64_t,
                    std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;
    const auto list = [&scene](const std::string& image_class) {
        return std::get<0>(scene.client.import1("ListImages", image_class, std::uint64_t{0})
                               .read<std::vector<Entry>>());
    };
    const Entry expected("machine", "web", "raw", "/var/lib/machines/web.raw", true, 17, 0,
                         UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX);
    CHECK(list("") == std::vector<Entry>{expected});
    CHECK(list("machine").size() == 1);
    CHECK(list("portable").empty());
}

TEST_CASE("LogControl1 reads and changes what is said", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const auto busctl = [&scene](const std::string& verb, std::vector<std::string> more) {
        std::vector<std::string> command{"busctl",
                                         "--system",
                                         verb,
                                         "org.freedesktop.import1",
                                         "/org/freedesktop/LogControl1",
                                         "org.freedesktop.LogControl1"};
        command.insert(command.end(), more.begin(), more.end());
        return scene.bus.run(command);
    };
    CHECK(busctl("get-property", {"SyslogIdentifier"}).out == "s \"slipway-importd\"\n");
    CHECK(busctl("get-property", {"LogLevel"}).out == "s \"info\"\n");
    CHECK(busctl("set-property", {"LogLevel", "s", "debug"}).status == 0);
    CHECK(busctl("get-property", {"LogLevel"}).out == "s \"debug\"\n");
    CHECK_THAT(busctl("set-property", {"LogLevel", "s", "loud"}).err, contains("'loud'"));
    CHECK(busctl("set-property", {"LogTarget", "s", "console"}).status == 0);
    CHECK(busctl("get-property", {"LogTarget"}).out == "s \"console\"\n");
    CHECK(busctl("set-property", {"LogTarget", "s", "/etc/passwd"}).status != 0);
}
