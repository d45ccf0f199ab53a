// Without a hash that can be read the disk is not used: who put the file there wants it verified.

#include "machine/root_hash.hh"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "storage/sibling.hh"

namespace slipway::machine {
namespace {

constexpr std::size_t kLongest = 128; // SHA-512

std::string read_hash(const std::filesystem::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    std::string text(kLongest + 2, '\0');
    const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : -1;
    if (got < 0) {
        throw errno_error("cannot read the root hash {}; nothing was started",
                          quoted(path.native()));
    }
    text.resize(static_cast<std::size_t>(got));
    if (text.ends_with('\n')) {
        text.pop_back();
    }
    return text;
}

bool is_hash(std::string_view text) {
    return text.size() >= 32 && text.size() <= kLongest && text.size() % 2 == 0 &&
           text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
}

} // namespace

std::string find_root_hash(const storage::Image& image) {
    if (image.type != storage::ImageType::Raw) {
        return "";
    }
    const std::vector<storage::NamedFile> siblings = storage::find_siblings(image);
    const auto found =
        std::find_if(siblings.begin(), siblings.end(), [](const storage::NamedFile& file) {
            return storage::sibling_suffix(file.name) == suffix(storage::Sibling::RootHash);
        });
    if (found == siblings.end()) {
        return "";
    }
    const std::filesystem::path path = image.path.parent_path() / found->name;
    std::string hash = read_hash(path);
    if (!is_hash(hash)) {
        throw Error(Kind::InvalidArgument,
                    "{} is no root hash; expected hexadecimal digits alone, and nothing was "
                    "started. Pull the image again, or remove the file to run the disk unverified",
                    quoted(path.native()));
    }
    return hash;
}

} // namespace slipway::machine
