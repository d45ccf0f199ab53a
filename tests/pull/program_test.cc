// slipway-unpack as the keeper drives it: the real program with its fences, compressed input, real
// pipes.

#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/confine.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "pull/unpacker.hh"
#include "tests/catch.hh"
#include "tests/pull/tar_maker.hh"
#include "tests/pull/unpack_here.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

struct Codec {
    std::string name;
    std::string command; ///< packs standard input to standard output
};

const std::vector<Codec> kCodecs{{"plain", "cat"},       {"gzip", "gzip -1c"},
                                 {"xz", "xz -0c"},       {"zstd", "zstd -qc --check"},
                                 {"bzip2", "bzip2 -1c"}, {"lz4", "lz4 -qc"}};

std::string pack(const Codec& codec, const std::string& text) {
    RunOptions options;
    options.input = text;
    return run_ok({"sh", "-c", codec.command}, options);
}

std::string sha256(const std::filesystem::path& path) {
    return run_ok({"sha256sum", "-b", path}).substr(0, 64);
}

struct World {
    TempDir top;
    std::filesystem::path staging = top / "staging";
    std::filesystem::path archive = top / "archive";

    World() { empty(); }
    void empty() const {
        std::filesystem::remove_all(staging);
        std::filesystem::create_directory(staging);
    }
    Outcome unpack(const std::string& packed, const pull::UnpackRequest& request = {}) const {
        write_file(archive, packed);
        empty();
        return unpack_by_program(archive, staging, request);
    }
};

// Does not pack.
std::string noise(std::size_t size_bytes) {
    std::string bytes(size_bytes, '\0');
    unsigned state = 12345;
    for (char& c : bytes) {
        state = state * 1103515245 + 12345;
        c = static_cast<char>(state >> 16);
    }
    return bytes;
}

// A tree that packs to a few KiB in every codec, with a file that does not pack at all.
std::string small_tar() {
    return tar_directory("etc/") + tar_file("etc/hostname", "box\n") +
           tar_file("noise", noise(6000)) + tar_end();
}

const std::vector<std::string> kNone;

} // namespace

TEST_CASE("a tree comes through the confined program as it was, packed in any way, from a pipe",
          "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root: owners and devices");
    }
    const World world;
    if (auto why = no_attributes(world.top.path())) {
        SKIP(*why);
    }
    const std::filesystem::path source = world.top / "source";
    std::filesystem::create_directory(source);
    make_rich_tree(source, {.node_links = false});
    const std::string tar =
        run_ok({"tar", "--format=pax", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                "--acls", "--sparse", "-C", source, "-c", "."});
    const Tree expected = read_tree(source);
    for (const Codec& codec : kCodecs) {
        INFO(codec.name);
        const std::string packed = pack(codec, tar);
        write_file(world.archive, packed);
        world.empty();
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        Fd in(ends[0]);
        std::thread writer([&packed, out = ends[1]] {
            std::size_t done = 0;
            while (done < packed.size()) {
                const ssize_t wrote = ::write(out, packed.data() + done, packed.size() - done);
                if (wrote <= 0) {
                    break;
                }
                done += static_cast<std::size_t>(wrote);
            }
            ::close(out);
        });
        const Outcome outcome = unpack_by_program(in.get(), world.staging);
        in.reset();
        writer.join();
        CHECK(outcome.error == "");
        CHECK(outcome.codec == codec.name);
        CHECK(outcome.digests.at(stream::Algorithm::Sha256) == sha256(world.archive));
        CHECK(tree_differences(expected, read_tree(world.staging)) == kNone);
    }
}

TEST_CASE("A1: packed input cut at any of many bytes is refused: stage and offset",
          "[pull][program][hostile]") {
    const World world;
    const std::string tar = small_tar();
    for (const Codec& codec : kCodecs) {
        const std::string packed = pack(codec, tar);
        std::set<std::size_t> cuts{
            1, 5, 12, packed.size() / 3, packed.size() / 2, packed.size() - 9, packed.size() - 1};
        if (codec.name == "plain") {
            cuts = {1, 511, 513, 1500, 5000}; // behind the end mark nothing is missed
        }
        for (const std::size_t cut : cuts) {
            INFO(codec.name << " cut at " << cut << " of " << packed.size());
            const Outcome outcome = world.unpack(packed.substr(0, cut));
            CHECK_FALSE(outcome.tree);
            CHECK(outcome.kind == Kind::Corrupt);
            const bool stage = outcome.error.starts_with("decompressing: ") ||
                               outcome.error.starts_with("unpacking: ");
            CHECK(stage);
            if (cut > 6 && codec.name != "plain") {
                CHECK_THAT(outcome.error, contains("decompressing: " + codec.name));
                CHECK_THAT(outcome.error, contains(std::to_string(cut)));
            }
        }
    }
}

TEST_CASE("A2: a wrong check is refused, also when the tar has ended before it",
          "[pull][program][hostile]") {
    const World world;
    const std::string tar = small_tar() + std::string(100'000, '\0');
    for (const Codec& codec : kCodecs) {
        if (codec.name == "plain") {
            continue;
        }
        const std::string packed = pack(codec, tar);
        for (const std::size_t from_end : {std::size_t{2}, packed.size() / 2}) {
            INFO(codec.name << ", " << from_end << " bytes from the end");
            std::string damaged = packed;
            damaged[packed.size() - from_end] ^= 0x55;
            const Outcome outcome = world.unpack(damaged);
            CHECK_FALSE(outcome.tree);
            CHECK(outcome.kind == Kind::Corrupt);
            CHECK(outcome.error != "");
        }
    }
}

TEST_CASE("damaged content is digested to its end where a digest is asked for",
          "[pull][program][hostile]") {
    const World world;
    // More than the pipes between the stages hold.
    const std::string tar = tar_file("noise", noise(12 << 20)) + tar_end();
    for (const Codec& codec : kCodecs) {
        const std::string packed = pack(codec, tar);
        for (const std::size_t at : {std::size_t{1000}, packed.size() / 2}) {
            INFO(codec.name << ", byte " << at);
            std::string damaged = packed;
            damaged[at] ^= 0x55;
            const Outcome outcome = world.unpack(
                damaged, {.algorithms = {stream::Algorithm::Sha256}, .to_the_end = true});
            // A tar alone has no check over what its files hold.
            CHECK(outcome.tree.has_value() == (codec.name == "plain"));
            CHECK(outcome.digests.at(stream::Algorithm::Sha256) == sha256(world.archive));
        }
    }
}

TEST_CASE("A3: concatenated members, frames and streams are one image", "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    const World world;
    const std::string tar = small_tar();
    for (const Codec& codec : kCodecs) {
        INFO(codec.name);
        std::string packed = pack(codec, tar.substr(0, 1000));
        if (codec.name == "zstd" || codec.name == "lz4") {
            packed += std::string("\x50\x2a\x4d\x18\4\0\0\0skip", 12); // a skippable frame
        }
        packed += pack(codec, tar.substr(1000, 3000)) + pack(codec, tar.substr(4000));
        const Outcome outcome = world.unpack(packed);
        CHECK(outcome.error == "");
        CHECK(read_file(world.staging / "etc/hostname") == "box\n");
        CHECK(std::filesystem::file_size(world.staging / "noise") == 6000);
    }
}

TEST_CASE("A4: a dictionary or window beyond the memory limit is refused, naming need and limit",
          "[pull][program][hostile]") {
    const World world;
    const std::string tar = small_tar();
    for (const std::string command :
         {"xz --lzma2=dict=64MiB -c", "zstd -qc --long=27 --ultra -20"}) {
        INFO(command);
        const std::string packed = pack({"", command}, tar + std::string(MiB, 'x'));
        const Outcome outcome = world.unpack(packed, {.memory_bytes = 1 * MiB});
        CHECK_FALSE(outcome.tree);
        CHECK(outcome.kind == Kind::Limit);
        CHECK_THAT(outcome.error, contains("1.0M"));
        CHECK_THAT(outcome.error, contains("--memory"));
    }
}

TEST_CASE("A5: zeros and garbage behind the packed end count for the digest and not for the image",
          "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    const World world;
    const std::string tar = small_tar();
    for (const Codec& codec : kCodecs) {
        if (codec.name == "plain") {
            continue;
        }
        INFO(codec.name);
        const std::string packed = pack(codec, tar);
        Outcome outcome = world.unpack(packed + std::string(70'000, '\0'));
        CHECK(outcome.error == "");
        CHECK(outcome.warnings == kNone);
        CHECK(outcome.digests.at(stream::Algorithm::Sha256) == sha256(world.archive));

        outcome = world.unpack(packed + std::string(512, '\0') + "garbage");
        CHECK(outcome.error == "");
        REQUIRE(outcome.warnings.size() == 1);
        CHECK_THAT(outcome.warnings.front(), contains("behind the end of the " + codec.name));
        CHECK(outcome.digests.at(stream::Algorithm::Sha256) == sha256(world.archive));
    }
}

TEST_CASE("A18: a bomb in few bytes is stopped by the limit on ratio", "[pull][program][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    const World world;
    const std::string tar = tar_file("f", std::string(100 * MiB, '\0')) + tar_end();
    const Outcome outcome = world.unpack(pack({"", "gzip -9c"}, tar));
    CHECK_FALSE(outcome.tree);
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error, contains("the limit on ratio is 200"));
}

TEST_CASE("hostile archives are held by the program as by the writer", "[pull][program][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    const World world;
    struct Case {
        const char* name;
        const char* message;
    };
    for (const Case& one : std::vector<Case>{
             {"dotdot-name", "unpacking: '../outside': its name holds '..'"},
             {"hardlink-absolute", "unpacking: 'h': it is a hard link to '/etc/passwd'"},
             {"symlink-proc-parent", "unpacking: 'd/outside': 'd' is a symlink that leads to no"},
             {"time-malformed", "unpacking: 'f': its time 'yesterday'"},
             {"docker-save", "unpacking: the archive is a container image in layers"}}) {
        INFO(one.name);
        const Outcome outcome = world.unpack(read_file(tar_data(std::string(one.name) + ".tar")));
        CHECK_FALSE(outcome.tree);
        CHECK_THAT(outcome.error, contains(one.message));
    }
}

TEST_CASE("trusted attributes are kept by option, and what that takes is said", "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root: trusted.*");
    }
    const World world;
    pull::UnpackRequest request;
    request.tar.privileged_xattrs = true;
    const Outcome outcome = world.unpack(read_file(tar_data("xattr-privileged.tar")), request);
    CHECK(outcome.error == "");
    REQUIRE(outcome.warnings.size() == 1);
    CHECK_THAT(outcome.warnings.front(), contains("CAP_SYS_ADMIN"));
    CHECK(read_tree(world.staging).at("f").attributes.at("trusted.a") == "v");
}

TEST_CASE("the program tells of its progress while input is slow", "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    const World world;
    const std::string tar = small_tar();
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd in(ends[0]);
    Fd out(ends[1]);
    const Fd root(::open(world.staging.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    pull::Unpacker unpacker({.name = "slow"}, root.get(), in.get());
    REQUIRE(::write(out.get(), tar.data(), 2000) == 2000);
    std::uint64_t packed = 0;
    while (packed < 2000) {
        const pull::UnpackAnswer answer = unpacker.next({});
        REQUIRE(std::holds_alternative<pull::UnpackProgress>(answer));
        packed = std::get<pull::UnpackProgress>(answer).packed_bytes;
    }
    CHECK(packed == 2000);
    REQUIRE(::write(out.get(), tar.data() + 2000, tar.size() - 2000) ==
            static_cast<ssize_t>(tar.size() - 2000));
    out.reset();
    pull::UnpackAnswer answer = unpacker.next({});
    while (std::holds_alternative<pull::UnpackProgress>(answer)) {
        answer = unpacker.next({});
    }
    REQUIRE(std::holds_alternative<pull::UnpackDone>(answer));
    CHECK(std::get<pull::Unpacked>(std::get<pull::UnpackDone>(answer).what).entries == 3);
}

TEST_CASE("the end of the control socket ends the program", "[pull][program]") {
    const World world;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd in(ends[0]);
    const Fd out(ends[1]); // held open: the input never ends
    const Fd root(::open(world.staging.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto [ours, theirs] = make_message_pair();
    ChildProcess child({.program = program("slipway-unpack"),
                        .arguments = {"tree"},
                        .fds = {{theirs.get(), 3}, {root.get(), 4}},
                        .environment = std::vector<std::string>{},
                        .capture_stderr = true});
    theirs.reset();
    send_message(ours.get(), pull::to_json(pull::UnpackRequest{.name = "endless"}), {in.get()});
    const auto first = receive_message(ours.get(), {});
    REQUIRE(first);
    CHECK_THAT(first->text, contains("progress"));
    ours.reset();
    const auto end = child.wait_for(std::chrono::seconds(20));
    REQUIRE(end);
    CHECK(end->description() == "exited with status 1");
    CHECK(child.stderr_tail() == "");
}

TEST_CASE("K8: where namespaces are refused, the program works behind Landlock",
          "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    if (landlock_version() == 0) {
        SKIP("the kernel has no Landlock");
    }
    const World world;
    write_file(world.archive, read_file(tar_data("symlink-absolute-parent.tar")));
    const Outcome outcome = in_child([&world] {
        scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
        seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0);
        seccomp_load(context);
        return unpack_by_program(world.archive, world.staging);
    });
    CHECK(outcome.error == "");
    CHECK(read_file(world.staging / "tmp/outside") == "x");
}

TEST_CASE("somebody without rights unpacks what is theirs", "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root to become somebody without rights");
    }
    if (landlock_version() == 0) {
        SKIP("the kernel has no Landlock");
    }
    const World world;
    const std::filesystem::path source = world.top / "source";
    std::filesystem::create_directories(source / "d");
    write_file(source / "d/f", "mine");
    run_ok({"tar", "--owner=65534", "--group=65534", "--numeric-owner", "-C", source, "-cf",
            world.archive, "."});
    run_ok({"chown", "65534:65534", world.staging});
    run_ok({"chmod", "755", world.top.path()});
    const auto as_nobody = [&world] {
        return in_child([&world] {
            const bool became =
                ::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0;
            return became ? unpack_by_program(world.archive, world.staging) : Outcome();
        });
    };
    CHECK(as_nobody().error == "");
    const Tree tree = read_tree(world.staging);
    CHECK(tree.at("d/f").uid == 65534);
    CHECK(tree.at("d").uid == 65534);

    world.empty();
    run_ok({"chown", "65534:65534", world.staging});
    write_file(world.archive, read_file(tar_data("file-twice.tar")));
    CHECK(as_nobody().error ==
          "unpacking: 'f': cannot give it to its owner 0:0: only root may; run it as root");
}

TEST_CASE("features tells fences and engines as one JSON object", "[pull][program]") {
    const std::string text = run_ok({program("slipway-unpack"), "features"});
    CHECK_THAT(text, contains("\"program\":\"slipway-unpack\""));
    CHECK_THAT(text, contains("\"seccomp\":true"));
    CHECK_THAT(text, contains("\"tar\":\"libarchive "));
    CHECK_THAT(text, contains("\"gzip\":"));
}

TEST_CASE("checksum documents are read by a program that sees nothing", "[pull][program]") {
    auto [ours, theirs] = make_message_pair();
    ChildProcess child({.program = program("slipway-unpack"),
                        .arguments = {"documents"},
                        .fds = {{theirs.get(), 3}},
                        .environment = std::vector<std::string>{},
                        .capture_stderr = true});
    theirs.reset();
    const std::string digest(64, 'a');
    const Fd document = make_sealed_memfd(digest + "  a.img\n");
    const std::string request =
        R"({"protocol": 1, "do": "parse-document", "document": "SHA256SUMS", "file": "a.img"})";
    for (int i = 0; i < 2; ++i) {
        send_message(ours.get(), request, {document.get()});
        const auto answer = receive_message(ours.get(), {});
        REQUIRE(answer);
        CHECK_THAT(answer->text, contains(digest));
    }
    send_message(ours.get(), request);
    const auto answer = receive_message(ours.get(), {});
    REQUIRE(answer);
    CHECK_THAT(answer->text, contains("\"answer\":\"error\""));
    ours.reset();
    const auto end = child.wait_for(std::chrono::seconds(20));
    REQUIRE(end);
    CHECK(end->success());
}
