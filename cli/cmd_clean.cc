// slipway clean [--all]: shows what would go, asks, and has that removed and nothing else.

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/image_list.hh"
#include "cli/job_request.hh"
#include "cli/question.hh"
#include "cli/text_table.hh"
#include "cli/way.hh"
#include "storage/clean.hh"

namespace slipway::cli {
namespace {

std::string what_goes(const std::vector<ImageRow>& images,
                      const std::vector<storage::Leftover>& leftovers) {
    std::vector<Row> rows;
    for (const ImageRow& row : images) {
        rows.push_back({escaped(row.image.name.text()), std::string(storage::word(row.image.type)),
                        usage_text(row.usage), escaped(row.image.path.string())});
    }
    for (const storage::Leftover& leftover : leftovers) {
        rows.push_back(
            {leftover.path.filename().string(), "leftover", "-", escaped(leftover.path.string())});
    }
    return text_table({"NAME", "TYPE", "USAGE", "PATH"}, rows, {});
}

void confirm(const Options& options, Console& console, std::size_t count) {
    if (options.yes) {
        return;
    }
    if (!can_ask()) {
        throw Error(Kind::InvalidArgument,
                    "there is no terminal to ask on; nothing was removed. Say --yes");
    }
    if (!ask(console,
             fmt::format("Remove {}?", count == 1 ? "it" : fmt::format("these {}", count)))) {
        throw Error(Kind::Other, "nothing was removed");
    }
}

} // namespace

int cmd_clean(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    storage::Cleanable found = storage::find_cleanable(searched(options), options.image_class,
                                                       options.all ? storage::CleanScope::All
                                                                   : storage::CleanScope::Hidden);
    transfer::Request request = clean_request(options);
    std::vector<storage::Image> images;
    for (storage::Located& located : found.images) {
        request.names.push_back(located.image.name.text());
        images.push_back(std::move(located.image));
    }
    for (const storage::Leftover& leftover : found.leftovers) {
        request.names.push_back(leftover.path.filename());
    }
    const bool speaks = !options.quiet && options.json == JsonForm::Off;
    if (speaks) {
        for (const storage::Spared& spared : found.spared) {
            console.err.add(fmt::format("{} stays: {}\n", quoted(spared.name), spared.reason));
        }
    }
    if (request.names.empty()) {
        if (speaks) {
            console.err.add("There is nothing to clean.\n");
            console.err.drain();
        }
        return 0;
    }
    if (speaks || !options.yes) {
        console.err.add(
            what_goes(make_rows(std::move(images), options, Origins::Left), found.leftovers));
    }
    confirm(options, console, request.names.size());
    return change_image(request, asked, console);
}

} // namespace slipway::cli
