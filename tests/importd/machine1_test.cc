// org.freedesktop.machine1 over a service that only remembers: what calls become, when they are
// answered, and with which words.

#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr const char* kImageInterface = "org.freedesktop.machine1.Image";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
const std::string kNoSuchImage = "org.freedesktop.machine1.NoSuchImage";
const std::string kInvalid = "org.freedesktop.DBus.Error.InvalidArgs";
const std::string kReadOnlySystem = "System.Error.EROFS";

jobs::ListedImage image(const std::string& name, const std::string& directory) {
    storage::Usage usage;
    usage.total = 100;
    usage.exclusive = 90;
    usage.limit = 200;
    return {"machine",
            {.name = storage::ImageName::parse(name),
             .type = storage::ImageType::Raw,
             .read_only = true,
             .created_us = 7,
             .path = directory + name + ".raw",
             .modified_us = 8},
            usage};
}

struct Scene {
    TestBus bus;
    Faces faces{bus};
    Client client{bus};

    Scene() {
        faces.with_service([](RememberingService& service) {
            service.images = {image("deb-12", "/var/lib/machines/"),
                              image("vendor", "/usr/lib/machines/")};
            service.pool.usage.total = 5;
            service.system = {.host_name = "h1",
                              .machine_id = "00112233445566778899aabbccddeeff",
                              .machine_info = {{"ICON", "x"}},
                              .os_release = {{"ID", "debian"}}};
            return 0;
        });
    }

    // Calls without waiting for the answer: "" once it came well, else the error's name.
    std::shared_ptr<std::optional<std::string>>
    ask(const std::function<void(bus::Peer&, bus::Peer::Answered, bus::Peer::Failed)>& call) {
        auto answer = std::make_shared<std::optional<std::string>>();
        call(
            client.machine1_manager(), [answer](const bus::Incoming&) { *answer = ""; },
            [answer](const bus::Failure& failure) { *answer = failure.name; });
        return answer;
    }
    std::size_t wait_for_job() {
        for (int i = 0; i < 600 && faces.live_jobs() == 0; ++i) {
            client.wait([i, n = 0]() mutable { return n++ > 0 || i < 0; });
        }
        return faces.live_jobs();
    }
    transfer::Request request() {
        return faces.with_service(
            [](RememberingService& service) { return service.submissions.back().request; });
    }
    void end(const transfer::Ended& end) {
        faces.with_service([&end](RememberingService& service) {
            service.end(service.live().begin()->first, end);
            return 0;
        });
    }
    void end_well() { end({.outcome = transfer::Outcome::Done, .status = 0}); }

    // A call of a changing method, and what the job that it became is.
    template <typename... Args>
    transfer::Request become(const char* method, const Args&... args) {
        const auto answer = ask([&](bus::Peer& peer, auto answered, auto failed) {
            peer.call("org.freedesktop.machine1.Manager", method, {}, answered, failed, args...);
        });
        REQUIRE(wait_for_job() == 1);
        CHECK_FALSE(answer->has_value()); // not before the job ends
        const transfer::Request became = request();
        end_well();
        CHECK(client.wait([&answer] { return answer->has_value(); }));
        CHECK(answer->value_or("none") == "");
        return became;
    }
};

} // namespace

TEST_CASE("changes of images are jobs, and their calls are answered at the end", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const std::string name = "deb-12";
    const transfer::Request clone = scene.become("CloneImage", name, std::string("db"), true);
    CHECK(clone.verb == transfer::Verb::Clone);
    CHECK(clone.name == "deb-12");
    CHECK(clone.new_name == "db");
    CHECK(clone.read_only);
    const transfer::Request rename = scene.become("RenameImage", name, std::string("db"));
    CHECK(rename.verb == transfer::Verb::Rename);
    CHECK(rename.new_name == "db");
    const transfer::Request mark = scene.become("MarkImageReadOnly", name, false);
    CHECK(mark.verb == transfer::Verb::ReadOnly);
    CHECK_FALSE(mark.read_only);
    CHECK(scene.become("RemoveImage", name).verb == transfer::Verb::Remove);
    CHECK(scene.become("SetImageLimit", name, std::uint64_t{77}).limit_bytes == 77);
    const transfer::Request pool = scene.become("SetPoolLimit", UINT64_MAX);
    CHECK(pool.verb == transfer::Verb::SetLimit);
    CHECK(pool.name.empty());
    CHECK(pool.limit_bytes == transfer::kNoLimit);
    CHECK(scene.become("CleanPool", std::string("all")).all);
    CHECK_FALSE(scene.become("CleanPool", std::string("hidden")).all);
    CHECK(scene.become("CloneImage", std::string("vendor"), std::string("own"), false).name ==
          "vendor");
}

TEST_CASE("the object of an image does what the manager does", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const auto [path] =
        scene.client.machine1("GetImage", std::string("deb-12")).read<bus::ObjectPath>();
    CHECK(path == "/org/freedesktop/machine1/image/deb_2d12");
    bus::Peer object(scene.client.connection(), "org.freedesktop.machine1", path);
    std::optional<std::string> answer;
    object.call(
        kImageInterface, "Rename", {}, [&answer](const bus::Incoming&) { answer = ""; },
        [&answer](const bus::Failure& failure) { answer = failure.name; }, std::string("db"));
    REQUIRE(scene.wait_for_job() == 1);
    CHECK(scene.request().name == "deb-12");
    CHECK(scene.request().new_name == "db");
    scene.end_well();
    CHECK(scene.client.wait([&answer] { return answer.has_value(); }));
    CHECK(answer == "");

    const auto get = [&object](const std::string& interface, const std::string& property) {
        return std::get<0>(
            object.call_and_wait(kProperties, "Get", {}, interface, property).read<bus::Variant>());
    };
    CHECK(get(kImageInterface, "Name").get<std::string>() == "deb-12");
    CHECK(get(kImageInterface, "Path").get<std::string>() == "/var/lib/machines/deb-12.raw");
    CHECK(get(kImageInterface, "Type").get<std::string>() == "raw");
    CHECK(get(kImageInterface, "ReadOnly").get<bool>());
    CHECK(get(kImageInterface, "CreationTimestamp").get<std::uint64_t>() == 7);
    CHECK(get(kImageInterface, "ModificationTimestamp").get<std::uint64_t>() == 8);
    CHECK(get(kImageInterface, "Usage").get<std::uint64_t>() == 100);
    CHECK(get(kImageInterface, "UsageExclusive").get<std::uint64_t>() == 90);
    CHECK(get(kImageInterface, "Limit").get<std::uint64_t>() == 200);
    CHECK(get(kImageInterface, "LimitExclusive").get<std::uint64_t>() == UINT64_MAX);
    CHECK_THAT(get("io.slipway.Image1", "Origin").get<std::string>(), contains("https://h/web"));
    CHECK(get("io.slipway.Image1", "Siblings").get<std::vector<std::string>>() ==
          std::vector<std::string>{"deb-12.nspawn"});

    // Without an interface the contract's alone: machinectl prints whatever it gets.
    const auto all = [&object](const std::string& interface) {
        return std::get<0>(object.call_and_wait(kProperties, "GetAll", {}, interface)
                               .read<std::map<std::string, bus::Variant>>());
    };
    CHECK(all("").size() == 10);
    CHECK(all(kImageInterface).size() == 10);
    CHECK(all("io.slipway.Image1").size() == 3);
    CHECK(all(kProperties).empty());
}

TEST_CASE("what systems say of themselves is read by others and shown", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    const std::string name = "deb-12";
    CHECK(std::get<0>(client.machine1("GetImageHostname", name).read<std::string>()) == "h1");
    const auto [id] = client.machine1("GetImageMachineID", name).read<std::vector<std::uint8_t>>();
    REQUIRE(id.size() == 16);
    CHECK(id[1] == 0x11);
    CHECK(id[15] == 0xff);
    using Fields = std::map<std::string, std::string>;
    CHECK(std::get<0>(client.machine1("GetImageOSRelease", name).read<Fields>()) ==
          Fields{{"ID", "debian"}});
    CHECK(std::get<0>(client.machine1("GetImageMachineInfo", name).read<Fields>()) ==
          Fields{{"ICON", "x"}});
    scene.faces.with_service([](RememberingService& service) {
        service.system = {};
        return 0;
    });
    CHECK(client.machine1_error("GetImageHostname", name) ==
          "org.freedesktop.DBus.Error.NotSupported");
    CHECK(client.message() == "Failed to read image metadata: deb-12 has no system");
}

TEST_CASE("B3: what cannot be done is refused under machined's names", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    const std::string web = "deb-12";
    CHECK(client.machine1_error("GetImage", std::string("nope")) == kNoSuchImage);
    CHECK(client.message() == "No image 'nope' known");
    CHECK(client.machine1_error("RemoveImage", std::string("nope")) == kNoSuchImage);
    CHECK(client.machine1_error("RemoveImage", std::string(".#x")) == kInvalid);
    CHECK(client.message() == "Image name '.#x' is invalid.");
    CHECK(client.machine1_error("CloneImage", web, std::string("a/b"), false) == kInvalid);
    CHECK(client.message() == "Image name 'a/b' is invalid.");
    for (const char* method : {"RemoveImage"}) {
        CHECK(client.machine1_error(method, std::string("vendor")) == kReadOnlySystem);
    }
    CHECK(client.machine1_error("MarkImageReadOnly", std::string("vendor"), true) ==
          kReadOnlySystem);
    CHECK(client.machine1_error("RenameImage", std::string("vendor"), web) == kReadOnlySystem);
    CHECK(client.machine1_error("SetImageLimit", web, std::uint64_t{INT64_MAX} + 1) == kInvalid);
    CHECK(client.message() == "New limit out of range");
    CHECK(client.machine1_error("SetPoolLimit", UINT64_MAX - 1) == kInvalid);
    CHECK(client.machine1_error("CleanPool", std::string("some")) == kInvalid);
    CHECK(client.message() == "Unknown mode 'some'.");
    CHECK(client.machine1_error("RenameImage", true) == kInvalid);
    CHECK(client.message() ==
          "Invalid arguments 'b' to call org.freedesktop.machine1.Manager.RenameImage(), "
          "expecting 'ss'.");
    CHECK(client.machine1_error("Nope") == "org.freedesktop.DBus.Error.UnknownMethod");
    CHECK(scene.faces.live_jobs() == 0);

    const auto of_object = [&client](const char* path, const char* interface, const char* method,
                                     const auto&... args) {
        bus::Peer object(client.connection(), "org.freedesktop.machine1", path);
        std::optional<std::string> name;
        object.call(
            interface, method, {}, [&name](const bus::Incoming&) { name = ""; },
            [&name](const bus::Failure& failure) { name = failure.name; }, args...);
        client.wait([&name] { return name.has_value(); });
        return name.value_or("no answer");
    };
    constexpr const char* kWeb = "/org/freedesktop/machine1/image/deb_2d12";
    constexpr const char* kNope = "/org/freedesktop/machine1/image/nope";
    const std::string dbus = "org.freedesktop.DBus.Error.";
    CHECK(of_object(kNope, kImageInterface, "Remove") == dbus + "UnknownObject");
    CHECK(of_object(kNope, kProperties, "GetAll", std::string()) == dbus + "UnknownObject");
    CHECK(of_object("/org/freedesktop/machine1/machine/a", kImageInterface, "Remove") ==
          dbus + "UnknownObject");
    CHECK(of_object(kWeb, kImageInterface, "Nope") == dbus + "UnknownMethod");
    CHECK(of_object(kWeb, kProperties, "Get", std::string(kImageInterface), std::string("Nope")) ==
          dbus + "UnknownProperty");
    CHECK(of_object(kWeb, kProperties, "GetAll", std::string("a.b")) == dbus + "UnknownInterface");
    CHECK(of_object(kWeb, kProperties, "Set", std::string(kImageInterface), std::string("Name"),
                    bus::Variant(std::string("x"))) == dbus + "PropertyReadOnly");
}

TEST_CASE("a job that fails fails its call, in the words of the job", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    struct Row {
        Kind kind;
        const char* name;
    };
    for (const Row& row :
         {Row{Kind::Exists, "org.freedesktop.DBus.Error.FileExists"},
          Row{Kind::Busy, "System.Error.EBUSY"}, Row{Kind::NotFound, kNoSuchImage.c_str()},
          Row{Kind::Unsupported, "org.freedesktop.DBus.Error.NotSupported"},
          Row{Kind::NoSpace, "System.Error.ENOSPC"},
          Row{Kind::Limit, "org.freedesktop.DBus.Error.LimitsExceeded"}}) {
        std::optional<bus::Failure> failure;
        scene.client.machine1_manager().call(
            "org.freedesktop.machine1.Manager", "RemoveImage", {}, [](const bus::Incoming&) {},
            [&failure](const bus::Failure& came) { failure = came; }, std::string("deb-12"));
        REQUIRE(scene.wait_for_job() == 1);
        transfer::Ended end{.outcome = transfer::Outcome::Failed, .status = 1};
        end.kind = word(row.kind);
        end.text = "its reason";
        scene.end(end);
        REQUIRE(scene.client.wait([&failure] { return failure.has_value(); }));
        CHECK(failure->name == row.name);
        CHECK(failure->message == "its reason");
    }
}

TEST_CASE("a cleaning answers with what it has taken away", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    using Cleaned = std::vector<bus::Struct<std::string, std::uint64_t>>;
    std::optional<Cleaned> cleaned;
    scene.client.machine1_manager().call(
        "org.freedesktop.machine1.Manager", "CleanPool", {},
        [&cleaned](bus::Incoming reply) { cleaned = std::get<0>(reply.read<Cleaned>()); },
        [](const bus::Failure&) {}, std::string("hidden"));
    REQUIRE(scene.wait_for_job() == 1);
    scene.faces.with_service([](RememberingService& service) {
        const std::uint32_t number = service.live().begin()->first;
        service.say(number, transfer::Cleaned{".a", 7});
        service.say(number, transfer::Cleaned{".b", std::nullopt});
        return 0;
    });
    scene.end_well();
    REQUIRE(scene.client.wait([&cleaned] { return cleaned.has_value(); }));
    CHECK(*cleaned == Cleaned{{".a", 7}, {".b", UINT64_MAX}});
}

TEST_CASE("lists and the pool are shown, and there are no machines", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Client& client = scene.client;
    using Listed = bus::Struct<std::string, std::string, bool, std::uint64_t, std::uint64_t,
                               std::uint64_t, bus::ObjectPath>;
    const auto [images] = client.machine1("ListImages").read<std::vector<Listed>>();
    REQUIRE(images.size() == 2);
    CHECK(images[0] == Listed("deb-12", "raw", true, 7, 8, 100,
                              bus::ObjectPath("/org/freedesktop/machine1/image/deb_2d12")));
    const RunResult pool =
        scene.bus.run({"busctl", "--system", "get-property", "org.freedesktop.machine1",
                       "/org/freedesktop/machine1", "org.freedesktop.machine1.Manager", "PoolPath",
                       "PoolUsage", "PoolLimit"});
    CHECK(pool.out == "s \"/var/lib/machines\"\nt 5\nt 18446744073709551615\n");
    const RunResult tree =
        scene.bus.run({"busctl", "--system", "--list", "tree", "org.freedesktop.machine1"});
    CHECK_THAT(tree.out, contains("/org/freedesktop/machine1/image/deb_2d12\n"));
    CHECK_THAT(tree.out, contains("/org/freedesktop/machine1/image/vendor\n"));

    using Machine = bus::Struct<std::string, std::string, std::string, bus::ObjectPath>;
    CHECK(std::get<0>(client.machine1("ListMachines").read<std::vector<Machine>>()).empty());
    CHECK(client.machine1_error("GetMachine", std::string("web")) ==
          "org.freedesktop.machine1.NoSuchMachine");
    CHECK(client.message() == "No machine 'web' known");
    CHECK(client.machine1_error("KillMachine", std::string("web"), std::string("leader"),
                                std::int32_t{15}) == "org.freedesktop.machine1.NoSuchMachine");
    CHECK(client.machine1_error("GetMachineByPID", std::uint32_t{1}) ==
          "org.freedesktop.machine1.NoMachineForPID");
    CHECK(client.machine1_error("MapToMachineUser", std::uint32_t{1}) ==
          "org.freedesktop.machine1.NoSuchUserMapping");
}
