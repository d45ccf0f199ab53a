// slipway keys add FILE|- [NAME]: shown, compared, asked, then stored. Never fetched.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/key_input.hh"
#include "cli/key_text.hh"
#include "cli/question.hh"
#include "verify/key_folder.hh"
#include "verify/key_places.hh"

namespace slipway::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnchanged = "; nothing was changed";

// What has the name already, in any of the directories.
struct Present {
    fs::path first;   ///< of all; empty: the name is free
    fs::path key;     ///< the key file that is in effect, or masks; empty: none
    fs::path drop_in; ///< the drop-in that is in effect; empty: none
};

Present find_present(const fs::path& root, const std::string& name) {
    Present present;
    bool first_drop_in = true;
    for (const fs::path& file : verify::files_named(root, name)) {
        present.first = present.first.empty() ? file : present.first;
        if (file.extension() != verify::kDropInSuffix) {
            present.key = present.key.empty() ? file : present.key;
        } else if (std::exchange(first_drop_in, false) && !verify::is_mask(file)) {
            present.drop_in = file;
        }
    }
    return present;
}

void refuse_present(const Present& present, const Options& options) {
    if (options.job.force || present.first.empty()) {
        return;
    }
    throw Error(Kind::Exists, "{} {}{}. Give it another name, or replace it with --force",
                quoted(present.first.native()),
                verify::is_mask(present.first) ? "masks what has this name" : "exists", kUnchanged);
}

// Each key of the file is expected, and each that is expected is there.
void compare(const KeyInput& input, const std::vector<std::string>& expected) {
    std::vector<std::string> held;
    for (const verify::ListedKey& key : input.list.keys) {
        held.push_back(key.fingerprint);
        if (std::find(expected.begin(), expected.end(), key.fingerprint) == expected.end()) {
            throw Error(Kind::Untrusted, "{} holds the key {}, and expected was {}{}", input.shown,
                        key.fingerprint, fmt::join(expected, " or "), kUnchanged);
        }
    }
    for (const std::string& fingerprint : expected) {
        if (std::find(held.begin(), held.end(), fingerprint) == held.end()) {
            throw Error(Kind::Untrusted, "{} does not hold the key {}, which was expected{}",
                        input.shown, fingerprint, kUnchanged);
        }
    }
}

// @throws Error  nobody said yes
void confirm(const KeyInput& input, const Options& options, const fs::path& target,
             Console& console) {
    if (!options.keys.fingerprints.empty()) {
        compare(input, options.keys.fingerprints);
        return;
    }
    if (options.yes) {
        return;
    }
    if (!can_ask()) {
        throw Error(Kind::InvalidArgument,
                    "there is no terminal to ask on{}. Compare the fingerprint with the "
                    "publisher's own page, and say --fingerprint=, or --yes",
                    kUnchanged);
    }
    if (!ask(console,
             fmt::format("Does the publisher's own page name {}, and is it to be added as "
                         "{}?",
                         input.list.keys.size() == 1 ? "this fingerprint" : "these fingerprints",
                         quoted(target.native())))) {
        throw Error(Kind::Other, "the key was not added{}", kUnchanged);
    }
}

std::string drop_in_text(const KeyInput& input, const std::vector<std::string>& match,
                         const std::string& file) {
    std::string text = fmt::format("[Key]\nFile={}\n", file);
    for (const verify::ListedKey& key : input.list.keys) {
        text += fmt::format("Fingerprint={}\n", key.fingerprint);
    }
    for (const std::string& url : match) {
        text += fmt::format("Match={}\n", url);
    }
    return text;
}

// A replaced key keeps its drop-in: it has to name one of the new ones.
void check_kept_drop_in(const KeyInput& input, const fs::path& drop_in, const fs::path& root) {
    const verify::KeyStore store = verify::load_key_store(root);
    for (const verify::KeyBinding& binding : store.bindings) {
        if (binding.conf != drop_in) {
            continue;
        }
        const auto named = [&binding](const verify::ListedKey& key) {
            return std::find(binding.fingerprints.begin(), binding.fingerprints.end(),
                             key.fingerprint) != binding.fingerprints.end();
        };
        if (std::none_of(input.list.keys.begin(), input.list.keys.end(), named)) {
            throw Error(Kind::InvalidArgument,
                        "{} pins another key than {} holds{}. Say with --match= where the new one "
                        "counts, or remove the old one first",
                        quoted(drop_in.native()), input.shown, kUnchanged);
        }
    }
}

} // namespace

int cmd_keys_add(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const std::string& operand = asked.operands.front();
    const std::string name =
        key_file_name(operand, asked.operands.size() > 1 ? asked.operands[1] : "");
    const KeyInput input = read_key_input(operand);
    const Present present = find_present(options.keys.root, name);
    refuse_present(present, options);
    const bool minisign = input.list.keys.front().kind == "minisign";
    const std::string file =
        present.key.empty() ? name + (minisign ? ".pub" : ".asc") : present.key.filename().string();
    const fs::path directory = options.keys.root / verify::kKeyDirectories.front();
    if (options.keys.match.empty() && !present.drop_in.empty()) {
        check_kept_drop_in(input, present.drop_in, options.keys.root);
    }
    for (const verify::ListedKey& key : input.list.keys) {
        console.err.add(key_card(key) + "\n");
    }
    for (const std::string& warning : input.list.warnings) {
        console.err.add(fmt::format("warning: {}\n", warning));
    }
    confirm(input, options, directory / file, console);

    verify::KeyFolder folder(options.keys.root);
    if (!options.keys.match.empty()) { // first: at no time does the key count everywhere
        folder.write(name + ".conf", drop_in_text(input, options.keys.match, file));
    }
    folder.write(file, input.content);
    print_result(console, fmt::format("Added {}.\n", quoted((directory / file).native())));
    return 0;
}

} // namespace slipway::cli
