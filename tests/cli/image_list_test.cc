// What list-images prints.

#include <cstdlib>
#include <ctime>

#include "base/json.hh"
#include "cli/image_list.hh"
#include "cli/image_status.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::cli;
using storage::ImageName;
using storage::ImageType;

namespace {

// Listings speak of local time.
class TimeZone {
public:
    explicit TimeZone(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    ~TimeZone() {
        ::unsetenv("TZ");
        ::tzset();
    }
    TimeZone(const TimeZone&) = delete;
    TimeZone& operator=(const TimeZone&) = delete;
};

ImageRow row(const char* name, ImageType type, bool read_only, std::optional<std::int64_t> created,
             const char* path) {
    return {.image = {.name = ImageName::parse(name),
                      .type = type,
                      .read_only = read_only,
                      .created_us = created,
                      .path = path}};
}

ImageRows some_images() {
    ImageRows rows;
    rows.images.push_back(
        row("noble", ImageType::Subvolume, true, 1'704'103'200'000'000, "/p/noble"));
    rows.images[0].image.modified_us = 1'704'103'260'000'000;
    rows.images[0].usage.total = 1'288'490'189;
    rows.images.push_back(row("web ü", ImageType::Directory, false, std::nullopt, "/p/web ü"));
    return rows;
}

} // namespace

TEST_CASE("images are listed as machinectl lists them", "[cli][list]") {
    const TimeZone utc("UTC");
    CHECK(image_list(some_images(), true, false) ==
          "NAME  TYPE      RO  USAGE CREATED                     MODIFIED\n"
          "noble subvolume yes  1.2G Mon 2024-01-01 10:00:00 UTC Mon 2024-01-01 10:01:00 UTC\n"
          "web ü directory no      - -                           -\n"
          "\n2 images listed.\n");
    CHECK(image_list(some_images(), false, false) ==
          "noble subvolume yes 1.2G Mon 2024-01-01 10:00:00 UTC Mon 2024-01-01 10:01:00 UTC\n"
          "web ü directory no     - -                           -\n");
}

TEST_CASE("what a walk found before is marked", "[cli][list]") {
    storage::Usage usage;
    CHECK(usage_text(usage) == "-");
    usage.total = 4096;
    CHECK(usage_text(usage) == "4.0K");
    usage.as_of = std::chrono::sys_seconds(std::chrono::seconds(1));
    CHECK(usage_text(usage) == "~4.0K");
}

TEST_CASE("the column of machines is there when one uses an image", "[cli][list]") {
    const TimeZone utc("UTC");
    ImageRows rows = some_images();
    rows.images[0].user = storage::ImageUser{"", "systemd-nspawn (PID 7)"};
    rows.images[1].user = storage::ImageUser{"web", "systemd-nspawn (PID 8)"};
    rows.images[0].image.created_us = rows.images[0].image.modified_us = std::nullopt;
    CHECK(image_list(rows, true, false) == "NAME  TYPE      RO  USAGE CREATED MODIFIED MACHINE\n"
                                           "noble subvolume yes  1.2G -       -        "
                                           "systemd-nspawn (PID 7)\n"
                                           "web ü directory no      - -       -        web\n"
                                           "\n2 images listed.\n");
}

TEST_CASE("what is no image is told below the list", "[cli][list]") {
    ImageRows rows;
    rows.shadowed.push_back(row("web", ImageType::Raw, false, std::nullopt, "/p/web.raw"));
    rows.shadowed[0].shadowed_by = "/p/web";
    rows.dangling = {"/p/link\nx"};
    rows.leftovers = {{"00000000000000aa", "web", "/p/.#slipway-00000000000000aa"},
                      {"00000000000000bb", "", "/p/.#slipway-00000000000000bb"}};
    CHECK(
        image_list(rows, true, false) ==
        "No images.\n"
        "\n"
        "/p/web.raw: shadowed by /p/web\n"
        "/p/link\\nx: a link that leads nowhere\n"
        "/p/.#slipway-00000000000000aa: left over by a job about 'web' that died; slipway clean "
        "removes it\n"
        "/p/.#slipway-00000000000000bb: left over by a job that died; slipway clean removes it\n");
    CHECK(image_list(rows, false, false).empty());
}

TEST_CASE("times are of the local zone", "[cli][list]") {
    const TimeZone tokyo("JST-9");
    CHECK(format_time(1'704'103'200'000'000) == "Mon 2024-01-01 19:00:00 JST");
}

TEST_CASE("no images are said to be none", "[cli][list]") {
    CHECK(image_list({}, true, true) == "No images.\n");
    CHECK(image_list({}, false, true) == "");
    CHECK(image_list_json({}, false) == "[]\n");
}

TEST_CASE("a list in JSON is an array of objects", "[cli][list]") {
    ImageRows rows = some_images();
    rows.images[0].origin = R"({"source":"https://h/noble.tar.xz","verdict":"signed"})";
    rows.images[0].usage.limit = 4096;
    rows.images[0].user = storage::ImageUser{"web", "systemd-nspawn (PID 8)"};
    rows.images[1].usage.total = 5;
    rows.images[1].usage.as_of = std::chrono::sys_seconds(std::chrono::seconds(7));
    rows.images[1].origin = "no JSON";
    rows.shadowed.push_back(row("web", ImageType::Raw, false, std::nullopt, "/p/web.raw"));
    rows.shadowed[0].shadowed_by = "/p/web";
    rows.dangling = {"/p/link"};
    rows.leftovers = {{"00000000000000aa", "web", "/p/.#slipway-00000000000000aa"}};
    const auto list = nlohmann::json::parse(image_list_json(rows, false));
    REQUIRE(list.size() == 5);
    const auto first = nlohmann::json::parse(R"json(
        {"name":"noble","class":"machine","type":"subvolume","path":"/p/noble",
        "ro":true,"created":1704103200000000,"modified":1704103260000000,"usage":1288490189,
        "usage_exact":true,"usage_as_of":null,"usage_exclusive":null,"limit":4096,
        "limit_exclusive":null,"used_by":{"machine":"web","holder":"systemd-nspawn (PID 8)"},
        "hidden":false,"shadowed_by":null,"versions":null,"dangling":false,"leftover":false,
        "origin":{"source":"https://h/noble.tar.xz","verdict":"signed"}})json");
    CHECK(list[0] == first);
    CHECK(list[1]["usage"] == 5);
    CHECK(list[1]["usage_exact"] == false);
    CHECK(list[1]["usage_as_of"] == 7'000'000);
    CHECK(list[1]["origin"].is_null());
    CHECK(list[1]["created"].is_null());
    CHECK(list[2]["shadowed_by"] == "/p/web");
    const auto link = nlohmann::json::parse(
        R"json({"name":"link","path":"/p/link","dangling":true,"leftover":false})json");
    CHECK(list[3] == link);
    CHECK(list[4]["leftover"] == true);
    CHECK(list[4]["image"] == "web");
}

TEST_CASE("ages are told as systemd tells them", "[cli][list]") {
    constexpr std::int64_t kSecond = 1'000'000;
    const auto ago = [](std::int64_t seconds) { return format_age(0, seconds * kSecond); };
    CHECK(ago(0) == "now");
    CHECK(ago(5) == "5s ago");
    CHECK(ago(125) == "2min 5s ago");
    CHECK(ago(3600) == "1h ago");
    CHECK(ago(86'400 * 2 + 3'600 * 5) == "2 days 5h ago");
    CHECK(ago(86'400 + 5) == "1 day ago");
    CHECK(ago(604'800 * 3) == "3 weeks ago");
    CHECK(ago(31'557'600) == "1 year ago");
    CHECK(format_age(60 * kSecond, 0) == "1min left");
}

TEST_CASE("an image's status has machinectl's keys, and where it came from", "[cli][list]") {
    const TimeZone utc("UTC");
    ImageStatus status{.row = some_images().images[0]};
    status.row.usage.exclusive = 4096;
    status.row.usage.limit = 2'147'483'648;
    status.row.user = storage::ImageUser{"web", "systemd-nspawn (PID 8)"};
    status.row.origin = R"({"source":"https://h/n.tar.xz","verdict":"signed","key":"7D8D",
        "owner":"Publisher","algorithm":"sha256","digest":"9c02","fetched":1704103200,
        "parent":{"cloned_at":1790000100,"name":"base","path":"/var/lib/machines/base"}})";
    status.siblings = {"noble.nspawn"};
    status.inspected =
        transfer::Inspected{.host_name = "noble",
                            .machine_id = "0123456789abcdef0123456789abcdef",
                            .machine_info = {{"DEPLOYMENT", "test"}},
                            .os_release = {{"NAME", "x"}, {"PRETTY_NAME", "Ubuntu\x1b[31m"}}};
    status.boots = disk::BootWays{
        {true, "root-partition", "partition 2 is a root for x86-64, with ext4"},
        {true, "efi-loader", "partition 1 has \\EFI\\BOOT\\BOOTX64.EFI; 'x'\x1b[31m"},
        {"uefi", "bios"}};
    CHECK(image_status(status, 1'704'103'260'000'000) ==
          "noble\n"
          "            Type: subvolume\n"
          "            Path: /p/noble\n"
          "        Hostname: noble\n"
          "      Machine ID: 0123456789abcdef0123456789abcdef\n"
          "      Deployment: test\n"
          "              OS: Ubuntu\\x1b[31m\n"
          "           Boots: container, machine (UEFI, BIOS)\n"
          "                  as container: partition 2 is a root for x86-64, with ext4\n"
          "                  as machine: partition 1 has \\\\EFI\\\\BOOT\\\\BOOTX64.EFI; "
          "\\'x\\'\\x1b[31m\n"
          "              RO: read-only\n"
          "         Created: Mon 2024-01-01 10:00:00 UTC; 1min ago\n"
          "        Modified: Mon 2024-01-01 10:01:00 UTC; now\n"
          "           Usage: 1.2G (exclusive: 4.0K)\n"
          "           Limit: 2.0G\n"
          "        Siblings: noble.nspawn\n"
          "         Machine: web\n"
          "         Used by: systemd-nspawn (PID 8)\n"
          "          Source: https://h/n.tar.xz\n"
          "         Verdict: signed\n"
          "             Key: 7D8D (Publisher)\n"
          "          Digest: sha256:9c02\n"
          "         Fetched: Mon 2024-01-01 10:00:00 UTC; 1min ago\n"
          "          Parent: base (/var/lib/machines/base)\n");
}

TEST_CASE("properties have the names that machinectl shows", "[cli][list]") {
    const auto properties = properties_of(some_images().images[1]);
    CHECK(property_lines(properties, {}, false) == "Name=web ü\n"
                                                   "Path=/p/web ü\n"
                                                   "Type=directory\n"
                                                   "ReadOnly=no\n"
                                                   "CreationTimestamp=0\n"
                                                   "ModificationTimestamp=0\n"
                                                   "Usage=18446744073709551615\n"
                                                   "Limit=infinity\n"
                                                   "UsageExclusive=18446744073709551615\n"
                                                   "LimitExclusive=infinity\n");
    CHECK(property_lines(properties, {"Type", "Name"}, true) == "web ü\ndirectory\n");
    CHECK(property_lines(properties, {"Nothing"}, false).empty());
}
