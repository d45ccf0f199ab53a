// slipway keys remove NAME|FINGERPRINT: what is the administrator's goes, what came with the system
// is masked.

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/key_text.hh"
#include "cli/question.hh"
#include "verify/checker.hh"
#include "verify/key_folder.hh"
#include "verify/key_places.hh"

namespace slipway::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnchanged = "; nothing was changed";

bool holds(const verify::ListedKey& key, const fs::path& file) {
    return std::find(key.files.begin(), key.files.end(), file) != key.files.end();
}

bool lies_in_keys_d(const fs::path& file, const fs::path& root) {
    return std::any_of(
        verify::kKeyDirectories.begin(), verify::kKeyDirectories.end(),
        [&](std::string_view directory) { return file.parent_path() == root / directory; });
}

// The one file of keys.d that holds the key.
fs::path file_of_key(const verify::ListedKey& key, const fs::path& root) {
    std::vector<fs::path> files(key.files.begin(), key.files.end());
    std::erase_if(files, [&root](const fs::path& file) { return !lies_in_keys_d(file, root); });
    if (files.empty()) {
        throw Error(Kind::Unsupported,
                    "{} belongs to systemd-importd, and is not written{}. Pin the key to a place "
                    "of its own, or take it out with gpg",
                    quoted(key.files.front()), kUnchanged);
    }
    if (files.size() > 1) {
        throw Error(Kind::InvalidArgument, "{} and {} hold the key{}. Say which by its name",
                    quoted(files[0].native()), quoted(files[1].native()), kUnchanged);
    }
    return files.front();
}

// The name of the key file that holds this key and no other.
std::string name_of_key(const std::string& fingerprint, const verify::KeyList& list,
                        const fs::path& root) {
    const auto key = std::find_if(
        list.keys.begin(), list.keys.end(), [&fingerprint](const verify::ListedKey& candidate) {
            return candidate.fingerprint == fingerprint && !candidate.files.empty();
        });
    if (key == list.keys.end()) {
        throw Error(Kind::NotFound, "no key file holds the key {}", fingerprint);
    }
    const fs::path file = file_of_key(*key, root);
    for (const verify::ListedKey& other : list.keys) {
        if (other.fingerprint != fingerprint && holds(other, file)) {
            throw Error(Kind::InvalidArgument,
                        "{} holds {}, too{}. To remove all of it say its name",
                        quoted(file.native()), other.fingerprint, kUnchanged);
        }
    }
    return file.stem();
}

std::string name_of(const std::string& operand, const verify::KeyList& list, const fs::path& root) {
    std::string fingerprint;
    try {
        fingerprint = verify::parse_fingerprint(operand);
    } catch (const Error&) { // a name, then
        const fs::path name(operand);
        const bool suffixed =
            verify::is_key_file_name(name) || name.extension() == verify::kDropInSuffix;
        return suffixed ? name.stem().string() : operand;
    }
    return name_of_key(fingerprint, list, root);
}

enum class Way { Remove, Mask };

struct Step {
    Way way;
    fs::path file; ///< the one that is in effect
    std::string name;
};

// Key files before drop-ins: at no time does a pinned key count everywhere.
std::vector<Step> plan(const fs::path& root, const std::string& name) {
    const fs::path own = root / verify::kKeyDirectories.front();
    std::vector<Step> steps;
    for (const fs::path& file : verify::files_named(root, name)) {
        const std::string file_name = file.filename();
        const auto same = std::find_if(steps.begin(), steps.end(),
                                       [&](const Step& step) { return step.name == file_name; });
        if (same != steps.end()) {
            same->way = Way::Mask; // else the one that it hid would count
        } else {
            steps.push_back({file.parent_path() == own ? Way::Remove : Way::Mask, file, file_name});
        }
    }
    std::erase_if(steps, [](const Step& step) { return verify::is_mask(step.file); });
    std::stable_partition(steps.begin(), steps.end(), [](const Step& step) {
        return step.file.extension() != verify::kDropInSuffix;
    });
    return steps;
}

void show(const std::vector<Step>& steps, const verify::KeyList& list, Console& console) {
    for (const Step& step : steps) {
        for (const verify::ListedKey& key : list.keys) {
            if (holds(key, step.file)) {
                console.err.add(key_card(key) + "\n");
            }
        }
        console.err.add(fmt::format("To be {}: {}\n", step.way == Way::Mask ? "masked" : "removed",
                                    quoted(step.file.native())));
    }
}

void confirm(const Options& options, Console& console) {
    if (options.yes) {
        return;
    }
    if (!can_ask()) {
        throw Error(Kind::InvalidArgument, "there is no terminal to ask on{}. Say --yes",
                    kUnchanged);
    }
    if (!ask(console, "Go on?")) {
        throw Error(Kind::Other, "the key was not removed{}", kUnchanged);
    }
}

// Keys that went, and are held by other files all the same.
std::string still_held(const std::vector<Step>& steps, const verify::KeyList& list) {
    std::string out;
    for (const verify::ListedKey& key : list.keys) {
        std::vector<std::string> others;
        for (const std::string& file : key.files) {
            const bool goes = std::any_of(steps.begin(), steps.end(),
                                          [&](const Step& step) { return step.file == file; });
            if (!goes) {
                others.push_back(quoted(file));
            }
        }
        if (!others.empty() && others.size() < key.files.size()) {
            out += fmt::format("warning: {} still holds the key {}\n", fmt::join(others, " and "),
                               key.fingerprint);
        }
    }
    return out;
}

} // namespace

int cmd_keys_remove(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const fs::path& root = options.keys.root;
    const verify::KeyList list =
        verify::SignatureChecker(verify::load_key_store(root).files).list_keys({});
    const std::string name = name_of(asked.operands.front(), list, root);
    const std::vector<Step> steps = plan(root, name);
    if (steps.empty()) {
        throw Error(Kind::NotFound,
                    "there is no key file {} in keys.d; slipway keys list shows "
                    "what there is",
                    quoted(name));
    }
    show(steps, list, console);
    confirm(options, console);

    verify::KeyFolder folder(root);
    std::string done;
    for (const Step& step : steps) {
        if (step.way == Way::Mask) {
            folder.mask(step.name);
            done += fmt::format("Masked {}.\n", quoted(step.file.native()));
        } else {
            folder.remove(step.name);
            done += fmt::format("Removed {}.\n", quoted(step.file.native()));
        }
    }
    console.err.add(still_held(steps, list));
    print_result(console, done);
    return 0;
}

} // namespace slipway::cli
