// The verbs, declared once: the parser, --help, slipway(1) and the completions are made from this.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace slipway::cli {

enum class Verb {
    PullTar,
    PullRaw,
    Verify,
    ImportTar,
    ImportRaw,
    ImportFs,
    ListImages,
    ImageStatus,
    ShowImage,
    Clone,
    Rename,
    ReadOnly,
    Remove,
    SetLimit,
    Clean,
    ExportTar,
    ExportRaw,
    ListTransfers,
    CancelTransfer,
    Monitor,
    History,
    Features,
    CacheList,
    CachePrune,
    KeysList,
    KeysCheck,
    KeysAdd,
    KeysRemove,
    Start,
    Run,
    Cat,
    Edit,
    Poweroff,
    Stop,
    Reboot,
    Terminate,
    Kill,
    List,
    Status,
    Shell,
    CopyTo,
    CopyFrom,
    Bind,
    Console,
    Log,
    Login,
    Enable,
    Disable,
    Help,
};

/// What a verb's operands are, for completion.
enum class Operand {
    None,
    Url,
    File,
    Directory,
    Image,
    Machine,
    Transfer,
    EndedTransfer,
    Key,
    Verb
};

struct VerbSpec {
    Verb verb;
    std::string_view name;     ///< one word, or two: "keys add"
    std::string_view operands; ///< as in a synopsis: "URL [NAME]"
    std::size_t min_operands;
    std::size_t max_operands;
    Operand operand;
    std::string_view summary; ///< one line without full stop
    std::string_view manual;  ///< paragraphs, parted by empty lines
    /// What stands behind so many operands is a command of its own: no option in it is ours.
    std::size_t operands_before_command = 0;
};

std::span<const VerbSpec> verb_table() noexcept;
const VerbSpec& spec_of(Verb verb) noexcept;
/// Nothing for a word that is no verb.
const VerbSpec* find_verb(std::string_view name) noexcept;

/// What a command line can begin with, each once: "keys" for both "keys list" and "keys add".
std::vector<std::string_view> first_words();
/// What can stand behind it: "list" and "add" behind "keys"; nothing behind a verb of one word.
std::vector<std::string_view> second_words(std::string_view first);

/// A set of verbs.
using VerbSet = std::uint64_t;
template <typename... Verbs>
constexpr VerbSet verbs(Verbs... members) noexcept {
    return ((VerbSet{1} << static_cast<unsigned>(members)) | ...);
}
inline constexpr VerbSet kEveryVerb = ~VerbSet{0};
constexpr bool contains(VerbSet set, Verb verb) noexcept {
    return (set & verbs(verb)) != 0;
}

} // namespace slipway::cli
