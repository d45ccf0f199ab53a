// ACLs, holes and messages: each alone.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "export/acl_text.hh"
#include "export/sparse_map.hh"
#include "export/wire.hh"
#include "tests/catch.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::exports;
using namespace slipway::tests;
using namespace std::string_literals;

TEST_CASE("an access control list is written with numbers", "[export][acl]") {
    CHECK(acl_text("\x02\0\0\0"
                   "\x01\0\x07\0\xff\xff\xff\xff"
                   "\x02\0\x05\0\xe8\x03\0\0"
                   "\x04\0\x05\0\xff\xff\xff\xff"
                   "\x08\0\x06\0\x2a\0\0\0"
                   "\x10\0\x07\0\xff\xff\xff\xff"
                   "\x20\0\0\0\xff\xff\xff\xff"s) ==
          "user::rwx,user:1000:r-x,group::r-x,group:42:rw-,mask::rwx,other::---");
}

TEST_CASE("what is no access control list is refused", "[export][acl]") {
    for (const std::string& value :
         {""s, "\x02\0\0"s, "\x03\0\0\0"s, "\x02\0\0\0\x01"s, "\x02\0\0\0\x40\0\x07\0\0\0\0\0"s}) {
        CHECK_THROWS_AS(acl_text(value), Error);
    }
}

TEST_CASE("a sparse map names the stretches, and an end that is a hole", "[export][sparse]") {
    const auto text = [](const std::vector<exports::Stretch>& stretches, std::uint64_t size) {
        const std::string map = sparse_map_text(stretches, size);
        CHECK(map.size() % 512 == 0);
        return map.substr(0, map.find('\0'));
    };
    CHECK(text({{0, 4096}, {8192, 100}}, 8292) == "2\n0\n4096\n8192\n100\n");
    CHECK(text({{4096, 4096}}, 1048576) == "2\n4096\n4096\n1048576\n0\n");
    CHECK(text({}, 5) == "1\n5\n0\n");
    std::vector<exports::Stretch> many;
    for (std::uint64_t i = 0; i < 200; ++i) {
        many.push_back({i * 8192, 4096});
    }
    CHECK(text(many, 200 * 8192).starts_with("201\n0\n4096\n8192\n4096\n"));
}

TEST_CASE("holes are found as the file system has them", "[export][sparse]") {
    const TempDir directory;
    const auto found = [&](std::uint64_t size, const std::vector<tests::Stretch>& stretches) {
        make_disk(directory / "disk", size, stretches);
        const Fd fd(::open((directory / "disk").c_str(), O_RDONLY | O_CLOEXEC));
        struct stat info {};
        REQUIRE(::fstat(fd.get(), &info) == 0);
        std::vector<std::pair<std::uint64_t, std::uint64_t>> map;
        for (const exports::Stretch& stretch : data_stretches(fd.get(), info)) {
            map.emplace_back(stretch.offset, stretch.offset + stretch.length);
        }
        return map;
    };
    const auto check = [&](std::uint64_t size, const std::vector<tests::Stretch>& stretches) {
        const auto map = found(size, stretches);
        CHECK(map == allocated_map(directory / "disk"));
    };
    CHECK(found(0, {}).empty());
    check(1 * MiB, {});
    CHECK(found(1 * MiB, {{0, 1 * MiB}}) ==
          std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 1 * MiB}});
    check(1 * MiB, {{64 * KiB, 4096}, {512 * KiB, 8192}});
    check(1 * MiB + 1, {{1 * MiB - 4096, 4097}});
}

TEST_CASE("requests and answers come back as they were said", "[export][wire]") {
    ExportRequest request;
    request.work = Work::Raw;
    request.codec = stream::Codec::Zstd;
    request.level = 19;
    request.threads = 3;
    request.algorithms = {stream::Algorithm::Sha256};
    request.privileged_xattrs = true;
    const ExportRequest back = parse_export_request(to_json(request));
    CHECK(back.work == Work::Raw);
    CHECK(back.codec == stream::Codec::Zstd);
    CHECK(back.level == 19);
    CHECK(back.threads == 3);
    CHECK(back.algorithms == request.algorithms);
    CHECK(back.privileged_xattrs);

    const Exported done{{{stream::Algorithm::Sha256, std::string(64, 'a')}}, 1, 2, 3, 4};
    const auto exported = std::get<Exported>(parse_export_answer(to_json(ExportAnswer(done))));
    CHECK(exported.digests == done.digests);
    CHECK(exported.read_bytes == 1);
    CHECK(exported.written_bytes == 2);
    CHECK(exported.entries == 3);
    CHECK(exported.sockets == 4);
    const auto failure = std::get<ExportFailure>(
        parse_export_answer(to_json(ExportAnswer(ExportFailure{Kind::NoSpace, "x"}))));
    CHECK(failure.kind == Kind::NoSpace);
    CHECK(failure.text == "x");
    const auto progress =
        std::get<ExportProgress>(parse_export_answer(to_json(ExportAnswer(ExportProgress{7, 8}))));
    CHECK(progress.read_bytes == 7);
    CHECK(progress.entries == 8);
}

TEST_CASE("messages that the protocol does not know are refused", "[export][wire]") {
    for (const char* text :
         {"", "[]", "{}", R"({"protocol": 2, "do": "export-tar", "format": "gzip"})",
          R"({"protocol": 1, "do": "unpack-tar", "format": "gzip"})",
          R"({"protocol": 1, "do": "export-tar", "format": "rar"})",
          R"({"protocol": 1, "do": "export-tar", "format": "gzip", "level": -1})",
          R"({"protocol": 1, "do": "export-tar", "format": "gzip", "algorithms": ["md5"]})"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_export_request(text), Error);
    }
    for (const char* text : {"", R"({"answer": "other"})", R"({"answer": "exported"})",
                             R"({"answer": "exported", "digests": {"sha256": "00"}})",
                             R"({"answer": "exported", "digests": {}, "read": "many"})"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_export_answer(text), Error);
    }
}
