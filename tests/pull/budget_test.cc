// What costs too much is stopped by a limit that the message names, with the option that raises it.

#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/tar_maker.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::string many_files(int count) {
    std::string tar;
    for (int i = 0; i < count; ++i) {
        tar += tar_file("f" + std::to_string(i), "");
    }
    return tar + tar_end();
}

} // namespace

TEST_CASE("A18: a size that a header claims is refused before the first byte of it",
          "[pull][hostile]") {
    check_refusals({{"size-one-tebibyte", Kind::Limit,
                     "'f': the archive's files hold more than 512.0G, the limit on size; if the "
                     "image is meant to be so large, raise it with --max-size"}});
}

TEST_CASE("A18: the limit on size counts what all files hold", "[pull][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const std::string tar =
        tar_file("a", std::string(600, 'a')) + tar_file("b", std::string(424, 'b')) + tar_end();
    CHECK(trial.unpack_bytes(tar, {.budget = {.size_bytes = 1024}}).error == "");
    const Outcome outcome = trial.unpack_bytes(tar, {.budget = {.size_bytes = 1023}});
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error, contains("'b': the archive's files hold more than"));
    CHECK_THAT(outcome.error, contains("--max-size"));
}

TEST_CASE("A18: holes do not count for the limit on size", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    CHECK(trial.unpack("sparse-1.0", {.budget = {.size_bytes = 1536}}).error == "");
    CHECK_THAT(trial.unpack("sparse-1.0", {.budget = {.size_bytes = 1535}}).error,
               contains("--max-size"));
}

TEST_CASE("A18: the limit on entries stops a million empty files", "[pull][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const std::string tar = many_files(101);
    CHECK(trial.unpack_bytes(tar, {.budget = {.entries = 101}}).error == "");
    const Outcome outcome = trial.unpack_bytes(tar, {.budget = {.entries = 100}});
    CHECK(outcome.kind == Kind::Limit);
    CHECK(outcome.error == "the archive has more than 100 entries, the limit on entries; if the "
                           "image is meant to have so many, raise it with --max-entries");
}

TEST_CASE("A18: the limit on memory stops directories without end", "[pull][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    std::string tar;
    for (int i = 0; i < 200; ++i) {
        tar += tar_directory("d" + std::to_string(i) + "/");
    }
    const Outcome outcome =
        trial.unpack_bytes(tar + tar_end(), {.budget = {.memory_bytes = 16 * KiB}});
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error,
               contains("its directories take more than 16.0K to remember, the limit on memory"));
}

TEST_CASE("A18: a header without end is stopped", "[pull][hostile]") {
    Trial trial;
    // An old GNU map of holes says in each block that one more follows.
    std::string head = tar_header("f", 'S', 0);
    head[482] = '\1';
    head.replace(386, 11, "00000000000");
    unsigned sum = 0;
    for (std::size_t i = 0; i < head.size(); ++i) {
        sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(head[i]);
    }
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum);
    head.replace(148, 7, text, 7);
    std::string block(512, '\0');
    block[504] = '\1';
    std::string tar = head;
    while (tar.size() < 5 * MiB) {
        tar += block;
    }
    const Outcome outcome = trial.unpack_bytes(tar, {.piece = 256 * KiB});
    CHECK(outcome.kind == Kind::Limit);
    CHECK(outcome.error == "the header of one entry is larger than 4.0M");
}

TEST_CASE("A18: small input that grows without end is stopped by the limit on ratio",
          "[pull][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    // unpack_here() reports the archive's own size as what was read: a ratio of 1.
    const std::string tar = tar_file("f", std::string(65 * MiB, '\0')) + tar_end();
    CHECK(trial.unpack_bytes(tar, {.piece = MiB, .packed_bytes = tar.size() / 199}).error == "");
    const Outcome outcome =
        trial.unpack_bytes(tar, {.piece = MiB, .packed_bytes = tar.size() / 250});
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error, contains("and the limit on ratio is 200; if the image is meant to "
                                       "pack so well, raise it with --max-ratio"));
}

TEST_CASE("A18: zeros without end behind the archive are stopped by the limit on ratio",
          "[pull][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const std::string tar = tar_file("f", "x") + tar_end() + std::string(65 * MiB, '\0');
    const Outcome outcome =
        trial.unpack_bytes(tar, {.piece = MiB, .packed_bytes = tar.size() / 250});
    CHECK_THAT(outcome.error, contains("--max-ratio"));
}
