// The file that an export becomes: written as the caller, and seen under its name only when it is
// whole.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.hh"

namespace slipway::cli {

enum class Overwrite { No, Yes };

/// A file without a name in the directory of `path` (open(2), O_TMPFILE), so that nothing is left
/// of it however the program ends; under a hidden name where the file system has no such thing. The
/// destructor abandons it.
class ExportOutput {
public:
    /// @throws Error Exists: there is a file and it is not to be replaced; InvalidArgument: the
    /// name is
    ///         none of a file; NotFound, Denied: the directory
    ExportOutput(const std::filesystem::path& path, Overwrite overwrite);
    ~ExportOutput();
    ExportOutput(const ExportOutput&) = delete;
    ExportOutput& operator=(const ExportOutput&) = delete;

    /// To be written; empty.
    int fd() const noexcept { return file_.get(); }
    /// The directory that it appears in, opened for reading.
    int directory() const noexcept { return directory_.get(); }
    /// Its last component.
    const std::string& name() const noexcept { return name_; }

    /// Syncs it and gives it its name, in one step; replaces what has the name with Overwrite::Yes.
    /// @throws Error Exists: somebody took the name meanwhile; NoSpace
    void publish() &&;

private:
    std::string name_;
    Overwrite overwrite_;
    Fd directory_;
    std::string hidden_name_; ///< while the file has one
    Fd file_;
};

/// Writes `content` and puts it in the place of the file `name`, in one step and durably.
/// @param mode  of the new file, less the umask
/// @throws Error  the old one is untouched then
void replace_file(int directory, const std::string& name, std::string_view content, unsigned mode);

} // namespace slipway::cli
