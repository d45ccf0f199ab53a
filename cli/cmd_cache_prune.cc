// slipway cache prune [DIGEST...]

#include <chrono>
#include <optional>

#include "base/error.hh"
#include "base/size.hh"
#include "cache/bounds.hh"
#include "cli/cache_directory.hh"
#include "cli/cache_text.hh"
#include "cli/commands.hh"
#include "cli/question.hh"

namespace slipway::cli {
namespace {

using Names = std::vector<std::string>;

void confirm(const cache::Store& store, const Names& names, const Options& options,
             Console& console) {
    if (options.yes || names.empty()) {
        return;
    }
    if (!can_ask()) {
        throw Error(Kind::InvalidArgument,
                    "there is no terminal to ask on; nothing was removed. Say --yes");
    }
    if (!ask(console, fmt::format("Remove all {} kept downloads of {}?", names.size(),
                                  store.path().string()))) {
        throw Error(Kind::Other, "nothing was removed, as you say");
    }
}

// What the digests name, or with --all everything, whole or not.
Names chosen(const cache::Store& store, const Invocation& asked) {
    if (asked.options.all) {
        if (!asked.operands.empty()) {
            throw Error(Kind::InvalidArgument,
                        "--all removes every kept download, and digests name some; nothing was "
                        "removed. Give one or the other");
        }
        return store.entry_names();
    }
    const auto all = asked.operands.empty() ? std::vector<ListedDownload>() : list_downloads(store);
    Names names;
    for (const std::string& digest : asked.operands) {
        const std::string name =
            std::string(cache::kEntryPrefix) + find_download(all, digest).sha256;
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    return names;
}

struct Outcome {
    std::vector<cache::Removed> removed;
    int status = 0; ///< of the first that could not be removed
};

Outcome remove(const cache::Store& store, const Names& names, Console& console) {
    Outcome outcome;
    for (const std::string& name : names) {
        try {
            outcome.removed.push_back(cache::remove_entry(store, name));
        } catch (const Error& error) {
            print_error(console, error.what());
            outcome.status = outcome.status == 0 ? error.status() : outcome.status;
        }
    }
    return outcome;
}

} // namespace

int cmd_cache_prune(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const std::optional<cache::Store> store = find_cache(options);
    Outcome outcome;
    std::uint64_t swept_bytes = 0;
    if (store) {
        const Names names = chosen(*store, asked);
        if (options.all) {
            confirm(*store, names, options, console);
        }
        outcome = remove(*store, names, console);
        if (!options.all && asked.operands.empty()) {
            outcome.removed =
                cache::prune(*store, cache::bounds_of(*store), std::chrono::system_clock::now());
        }
        swept_bytes = cache::sweep(*store);
    } else if (!asked.operands.empty()) {
        find_download({}, asked.operands.front()); // says that there is none
    }
    print_result(console,
                 options.json == JsonForm::Off
                     ? prune_text(outcome.removed, swept_bytes)
                     : prune_json(outcome.removed, swept_bytes, pretty_json(options, console)));
    return outcome.status;
}

} // namespace slipway::cli
