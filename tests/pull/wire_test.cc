// Requests and answers survive their way through JSON; what is not one is refused.

#include "base/error.hh"
#include "pull/wire.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::pull;

TEST_CASE("an unpack request survives its way through JSON", "[pull]") {
    UnpackRequest request{.work = GENERATE(Work::Tree, Work::Disk, Work::Copy),
                          .algorithms = {stream::Algorithm::Sha512, stream::Algorithm::Blake2b},
                          .memory_bytes = 1,
                          .threading_bytes = 2,
                          .threads = 3,
                          .name = "web.tar.xz",
                          .keep = GENERATE(false, true)};
    request.tar.privileged_xattrs = true;
    request.tar.skip_unsupported_xattrs = true;
    request.budget = {.size_bytes = 4, .ratio = 5, .entries = 6, .depth = 7, .memory_bytes = 8};
    const UnpackRequest again = parse_unpack_request(to_json(request));
    CHECK(again.work == request.work);
    CHECK(again.algorithms == request.algorithms);
    CHECK(again.memory_bytes == 1);
    CHECK(again.threading_bytes == 2);
    CHECK(again.threads == 3);
    CHECK(again.name == "web.tar.xz");
    CHECK(again.keep == request.keep);
    CHECK_FALSE(again.copy);
    CHECK(again.tar.privileged_xattrs);
    CHECK(again.tar.skip_unsupported_xattrs);
    CHECK(again.budget.size_bytes == 4);
    CHECK(again.budget.ratio == 5);
    CHECK(again.budget.entries == 6);
    CHECK(again.budget.depth == 7);
    CHECK(again.budget.memory_bytes == 8);
}

TEST_CASE("unpack answers survive their way through JSON", "[pull]") {
    const UnpackAnswer progress = parse_unpack_answer(to_json(UnpackProgress{1, 2, 3}));
    CHECK(std::get<UnpackProgress>(progress).packed_bytes == 1);
    CHECK(std::get<UnpackProgress>(progress).unpacked_bytes == 2);
    CHECK(std::get<UnpackProgress>(progress).entries == 3);

    const UnpackAnswer warning = parse_unpack_answer(to_json(UnpackWarning{"caf\xe9"}));
    CHECK(std::get<UnpackWarning>(warning).text == "caf\\xe9");

    const UnpackAnswer announced = parse_unpack_answer(to_json(DiskAnnounced{1ULL << 40}));
    CHECK(std::get<DiskAnnounced>(announced).size_bytes == 1ULL << 40);

    UnpackDone done{{{stream::Algorithm::Sha256, std::string(64, 'a')}}, "gzip", 10, {}};
    done.what = Unpacked{.entries = 1,
                         .unpacked_bytes = 2,
                         .hoisted = "root",
                         .left_out = 3,
                         .sockets = 4,
                         .privileged_xattrs = 5,
                         .unsupported_xattrs = 6};
    done.not_kept = "No space left on device";
    auto again = std::get<UnpackDone>(parse_unpack_answer(to_json(UnpackAnswer(done))));
    CHECK(again.digests == done.digests);
    CHECK(again.codec == "gzip");
    CHECK(again.packed_bytes == 10);
    CHECK(again.not_kept == done.not_kept);
    const auto& tree = std::get<Unpacked>(again.what);
    CHECK(tree.entries == 1);
    CHECK(tree.unpacked_bytes == 2);
    CHECK(tree.hoisted == "root");
    CHECK(tree.left_out == 3);
    CHECK(tree.sockets == 4);
    CHECK(tree.privileged_xattrs == 5);
    CHECK(tree.unsupported_xattrs == 6);

    done.what = UnpackedDisk{"qcow2", "b\xe9.img", 7, 8};
    again = std::get<UnpackDone>(parse_unpack_answer(to_json(UnpackAnswer(done))));
    CHECK(again.digests == done.digests);
    CHECK(again.packed_bytes == 10);
    const auto& disk = std::get<UnpackedDisk>(again.what);
    CHECK(disk.format == "qcow2");
    CHECK(disk.member == "b\\xe9.img");
    CHECK(disk.size_bytes == 7);
    CHECK(disk.data_bytes == 8);

    const UnpackAnswer failure =
        parse_unpack_answer(to_json(UnpackFailure{Kind::NoSpace, "full", {}}));
    CHECK(std::get<UnpackFailure>(failure).kind == Kind::NoSpace);
    CHECK(std::get<UnpackFailure>(failure).text == "full");
    CHECK(std::get<UnpackFailure>(failure).digests.empty());
    const UnpackAnswer damaged =
        parse_unpack_answer(to_json(UnpackFailure{Kind::Corrupt, "damaged", done.digests}));
    CHECK(std::get<UnpackFailure>(damaged).digests == done.digests);
}

TEST_CASE("K5: what is no answer of slipway-unpack is refused and shown", "[pull][hostile]") {
    for (const char* text :
         {"", "garbage", "{\"answer\":", "[]", "null", "{}", R"({"answer": "nonsense"})",
          R"({"answer": 7})", R"({"answer": "progress", "packed": -1})",
          R"({"answer": "progress", "packed": "1"})", R"({"answer": "progress", "packed": 1.5})",
          R"({"answer": "warning", "text": []})", R"({"answer": "unpacked"})",
          R"({"answer": "unpacked", "digests": {"md5": "00"}})",
          R"({"answer": "unpacked", "digests": {"sha256": "00"}})",
          R"({"answer": "unpacked", "digests": {"sha256": 7}})"}) {
        INFO(text);
        try {
            parse_unpack_answer(text);
            FAIL_CHECK("it was taken");
        } catch (const Error& error) {
            CHECK(error.kind() == Kind::Internal);
        }
    }
}

TEST_CASE("K5: what is no request for slipway-unpack is refused", "[pull][hostile]") {
    for (const char* text :
         {"", "{}", R"({"protocol": 2, "do": "unpack-tar"})", R"({"protocol": 1, "do": "format"})",
          R"({"protocol": 1})", R"({"protocol": 1, "do": "unpack-tar", "algorithms": ["md5"]})",
          R"({"protocol": 1, "do": "unpack-tar", "algorithms": [7]})",
          R"({"protocol": 1, "do": "unpack-tar", "threads": 4294967296})",
          R"({"protocol": 1, "do": "unpack-tar", "privileged_xattrs": 1})"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_unpack_request(text), Error);
    }
}
