// Requests from command lines.

#include <filesystem>

#include "base/error.hh"
#include "cli/job_request.hh"
#include "tests/catch.hh"

using namespace slipway;
using Words = std::vector<std::string>;

namespace {

transfer::Request pull_of(const Words& words) {
    const cli::Invocation asked = cli::parse(words);
    return cli::pull_request(asked.verb == cli::Verb::PullRaw ? transfer::Verb::PullRaw
                                                              : transfer::Verb::PullTar,
                             asked);
}

transfer::Request import_of(const Words& words) {
    const cli::Invocation asked = cli::parse(words);
    return cli::import_request(asked.verb == cli::Verb::ImportRaw ? transfer::Verb::ImportRaw
                                                                  : transfer::Verb::ImportTar,
                               asked);
}

} // namespace

TEST_CASE("a pull carries what was asked, and wants a signature", "[cli][request]") {
    const transfer::Request request =
        pull_of({"pull-tar", "https://me:secret@h/web.tar.xz?t=1", "noble", "--read-only"});
    CHECK(request.verb == transfer::Verb::PullTar);
    CHECK(request.id.size() == 16);
    CHECK(request.url == "https://me:secret@h/web.tar.xz?t=1");
    CHECK(request.name == "noble");
    CHECK(request.verify == "signature");
    CHECK(request.pool == "/var/lib/machines");
    CHECK(request.read_only);
    CHECK_FALSE(request.force);
    CHECK(request.network.user_agent.starts_with("slipway/"));
    CHECK(pull_of({"pull-tar", "u"}).name.empty());
    CHECK(pull_of({"pull-tar", "u", "--verify=no"}).verify == "no");
}

TEST_CASE("two jobs have two numbers", "[cli][request]") {
    CHECK(pull_of({"pull-tar", "u"}).id != pull_of({"pull-tar", "u"}).id);
}

TEST_CASE("an import of a relative file carries its absolute path", "[cli][request]") {
    const transfer::Request request =
        import_of({"import-tar", "./some/../web.tar", "--pool", "pool"});
    CHECK(request.verb == transfer::Verb::ImportTar);
    CHECK(request.path == std::filesystem::current_path() / "./some/../web.tar");
    CHECK(request.pool == std::filesystem::current_path() / "pool");
    CHECK(request.verify == "no");
}

TEST_CASE("standard input, and a file whose name no request can hold, come as descriptors",
          "[cli][request]") {
    CHECK(import_of({"import-tar", "-", "web"}).path.empty());
    CHECK(import_of({"import-tar", "\xff.tar", "web"}).path.empty());
}

TEST_CASE("an import that nothing gives a name is refused", "[cli][request]") {
    CHECK_THROWS_WITH(import_of({"import-tar", "-"}),
                      "import-tar: standard input has no name; expected slipway import-tar - NAME");
    CHECK_THROWS_WITH(import_of({"import-tar", "-", "-"}), contains("has no name"));
    CHECK_THROWS_WITH(import_of({"import-tar", "\xff.tar"}), contains("'\\xff.tar'"));
    CHECK_THROWS_WITH(import_of({"import-tar", ""}), contains("the file's name is empty"));
}

TEST_CASE("the verbs of disks ask for disks, and for what lies beside them", "[cli][request]") {
    const transfer::Request pull = pull_of({"pull-raw", "u", "--verity=no"});
    CHECK(pull.verb == transfer::Verb::PullRaw);
    CHECK(pull.siblings.settings);
    CHECK(pull.siblings.roothash);
    CHECK(pull.siblings.roothash_signature);
    CHECK_FALSE(pull.siblings.verity);
    CHECK_FALSE(pull_of({"pull-tar", "u", "--settings=off"}).siblings.settings);
    CHECK(import_of({"import-raw", "/tmp/a.img"}).verb == transfer::Verb::ImportRaw);
    CHECK_THROWS_WITH(import_of({"import-raw", "-"}),
                      "import-raw: standard input has no name; expected slipway import-raw - NAME");
}

TEST_CASE("a removal names its image as it was given", "[cli][request]") {
    const transfer::Request request = cli::remove_request({}, "web.tar");
    CHECK(request.verb == transfer::Verb::Remove);
    CHECK(request.name == "web.tar");
}

TEST_CASE("a clone and a renaming carry both names as they were given", "[cli][request]") {
    const transfer::Request clone = cli::rename_request(
        transfer::Verb::Clone, cli::parse(Words{"clone", "web.tar", "new.tar", "--read-only"}));
    CHECK(clone.verb == transfer::Verb::Clone);
    CHECK(clone.name == "web.tar");
    CHECK(clone.new_name == "new.tar");
    CHECK(clone.read_only);
    CHECK_FALSE(clone.dry_run);
    const transfer::Request rename =
        cli::rename_request(transfer::Verb::Rename, cli::parse(Words{"rename", "web", "db"}));
    CHECK(rename.verb == transfer::Verb::Rename);
    CHECK(rename.new_name == "db");
}

TEST_CASE("read-only means yes unless it says something else", "[cli][request]") {
    const auto marks = [](const Words& words) {
        return cli::mark_request(cli::parse(words)).read_only;
    };
    CHECK(marks({"read-only", "web"}));
    CHECK(marks({"read-only", "web", "yes"}));
    CHECK_FALSE(marks({"read-only", "web", "no"}));
    CHECK_FALSE(marks({"read-only", "web", "0"}));
    CHECK_THROWS_WITH(marks({"read-only", "web", "maybe"}), contains("read-only: "));
}

TEST_CASE("a directory is carried by its absolute path, or comes as a descriptor",
          "[cli][request]") {
    const auto request_of = [](const Words& words) {
        return cli::import_fs_request(cli::parse(words));
    };
    const transfer::Request request = request_of({"import-fs", "some/web", "--force"});
    CHECK(request.verb == transfer::Verb::ImportFs);
    CHECK(request.path == std::filesystem::current_path() / "some/web");
    CHECK(request.verify == "no");
    CHECK(request.force);
    CHECK(request_of({"import-fs", "\xff", "web"}).path.empty());
    CHECK_THROWS_WITH(request_of({"import-fs", "\xff"}),
                      contains("expected slipway import-fs DIR"));
    CHECK_THROWS_WITH(request_of({"import-fs", ""}), "import-fs: the directory's name is empty");
    CHECK_THROWS_WITH(request_of({"import-fs", "d", "--verify=no"}), contains("does not go with"));
}
