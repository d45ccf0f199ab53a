// What list-images prints.

#include <cstdlib>
#include <ctime>

#include "cli/image_list.hh"
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

std::vector<storage::Image> some_images() {
    return {
        {ImageName::parse("noble"), ImageType::Subvolume, true, 1'704'103'200'000'000, "/p/noble"},
        {ImageName::parse("web ü"), ImageType::Directory, false, std::nullopt, "/p/web ü"}};
}

} // namespace

TEST_CASE("images are listed as machinectl lists them", "[cli][list]") {
    const TimeZone utc("UTC");
    CHECK(image_list(some_images(), true, false) ==
          "NAME  TYPE      RO  CREATED\n"
          "noble subvolume yes Mon 2024-01-01 10:00:00 UTC\n"
          "web ü directory no  -\n"
          "\n2 images listed.\n");
    CHECK(image_list(some_images(), false, false) ==
          "noble subvolume yes Mon 2024-01-01 10:00:00 UTC\n"
          "web ü directory no  -\n");
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
    CHECK(image_list_json(some_images(), false) ==
          R"([{"name":"noble","type":"subvolume","ro":true,"created":1704103200000000},)"
          R"({"name":"web ü","type":"directory","ro":false,"created":null}])"
          "\n");
    CHECK(image_list_json({some_images()[1]}, true) == "[\n"
                                                       "    {\n"
                                                       "        \"name\": \"web ü\",\n"
                                                       "        \"type\": \"directory\",\n"
                                                       "        \"ro\": false,\n"
                                                       "        \"created\": null\n"
                                                       "    }\n"
                                                       "]\n");
}
