// The completions in their shells.

#include <fmt/format.h>

#include "cli/completion.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

bool has(const std::string& shell) {
    return run({"/bin/sh", "-c", "command -v " + shell}).status == 0;
}

// What bash offers for the last of these words, as it splits them itself.
std::string bash_offers(const std::vector<std::string>& words, const std::string& path = "") {
    const TempDir directory;
    write_file(directory / "slipway", slipway::cli::bash_completion());
    std::string list;
    for (const std::string& word : words) {
        list += fmt::format(" '{}'", word);
    }
    RunOptions options;
    options.directory = directory.path();
    if (!path.empty()) {
        options.environment = {"PATH=" + path + ":/usr/bin:/bin"};
    }
    return run_ok({"bash", "--norc", "-c",
                   fmt::format(". ./slipway; COMP_WORDS=(slipway{}); COMP_CWORD={}; _slipway; "
                               "echo \"${{COMPREPLY[@]}}\"",
                               list, words.size())},
                  options);
}

} // namespace

TEST_CASE("bash completes verbs, options and values", "[cli][completion]") {
    CHECK(bash_offers({"pu"}) == "pull-tar pull-raw\n");
    CHECK(
        bash_offers({""}) ==
        "pull-tar pull-raw verify import-tar import-raw import-fs list-images image-status "
        "show-image clone rename read-only remove set-limit clean export-tar export-raw "
        "list-transfers cancel-transfer monitor history features cache keys start run cat edit "
        "poweroff stop reboot terminate kill list status shell copy-to copy-from bind console log "
        "login enable disable help\n");
    CHECK(bash_offers({"--pool", "remove", "rem"}) == "remove\n");
    CHECK(bash_offers({"--for"}) == "--force --format=\n");
    CHECK(bash_offers({"list-images", "--fo"}) == "\n");
    CHECK(bash_offers({"list-images", "--a"}) == "--all\n");
    CHECK(bash_offers({"pull-tar", "--keyr"}) == "--keyring=\n");
    CHECK(bash_offers({"pull-tar", "--verify", "="}) == "no checksum signature\n");
    CHECK(bash_offers({"pull-tar", "--verify", "=", "s"}) == "signature\n");
    CHECK(bash_offers({"pull-raw", "--verity", "=", "n"}) == "no\n");
    CHECK(bash_offers({"pull-tar", "--verity"}) == "\n"); // of disks only
    CHECK(bash_offers({"pull-tar", "--verify", "c"}) == "checksum\n");
    CHECK(bash_offers({"help", "fea"}) == "features\n");
    CHECK(bash_offers({"import-tar", "slip"}) == "slipway\n"); // the one file there
    CHECK(bash_offers({"pull-tar", "--json", "=", "p"}) == "pretty\n");
    CHECK(bash_offers({"keys", ""}) == "list check add remove\n");
    CHECK(bash_offers({"keys", "re"}) == "remove\n");
    CHECK(bash_offers({"--root", "/x", "keys", "add", "slip"}) == "slipway\n");
    CHECK(bash_offers({"keys", "add", "--f"}) == "--force --fingerprint=\n");
    CHECK(bash_offers({"keys", "remove", "--f"}) == "\n");
}

TEST_CASE("bash completes the images of the pool that was named", "[cli][completion]") {
    const TempDir pool;
    std::filesystem::create_directory(pool / "noble");
    std::filesystem::create_directory(pool / "nothing");
    const std::string programs = program("slipway").parent_path().string();
    const std::string path = pool.path().string();
    CHECK(bash_offers({"--pool", "=", path, "remove", "no"}, programs) == "noble nothing\n");
    CHECK(bash_offers({"--pool", path, "remove", "nob"}, programs) == "noble\n");
}

TEST_CASE("zsh reads its completion", "[cli][completion]") {
    if (!has("zsh")) {
        SKIP("zsh is not installed");
    }
    const TempDir directory;
    write_file(directory / "_slipway", slipway::cli::zsh_completion());
    const RunResult checked = run({"zsh", "-n", (directory / "_slipway").string()});
    CHECK(checked.status == 0);
    CHECK(checked.err.empty());
}

TEST_CASE("fish completes verbs, options and values", "[cli][completion]") {
    if (!has("fish")) {
        SKIP("fish is not installed");
    }
    const TempDir directory;
    write_file(directory / "slipway.fish", slipway::cli::fish_completion());
    const auto offers = [&directory](const std::string& line) {
        RunOptions options;
        options.environment = {"HOME=" + directory.path().string()};
        return run({"fish", "--no-config", "-c",
                    fmt::format("source {}; complete -C '{}' | string replace -r '\\t.*' ''",
                                (directory / "slipway.fish").string(), line)},
                   options)
            .out;
    };
    CHECK(offers("slipway pull-t") == "pull-tar\n");
    CHECK(offers("slipway pull-tar --fo") == "--force\n");
    CHECK(offers("slipway list-images --fo").empty());
    CHECK(offers("slipway pull-tar --verify=s") == "--verify=signature\n");
    CHECK(offers("slipway ke") == "keys\n");
    CHECK(offers("slipway keys re") == "remove\n");
    CHECK(offers("slipway keys remove --f").empty());
    CHECK(offers("slipway keys add --fi") == "--fingerprint\n");
    CHECK(offers("slipway remove ke").empty()); // not the verb's second word
}
