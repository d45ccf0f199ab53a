// First everything that can be refused, then the transfer, then the name, the list, the signature:
// at each point what is seen is whole.

#include "cli/export_image.hh"

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/checksum_list.hh"
#include "cli/export_output.hh"
#include "cli/gpg_sign.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {
namespace {

bool to_standard_output(const Invocation& asked) {
    return asked.operands.size() < 2 || asked.operands[1] == "-";
}

void refuse_what_needs_a_file(const Options& options, std::string_view output) {
    if (options.checksum) {
        throw Error(Kind::InvalidArgument,
                    "--{} writes a file beside FILE, and {} has none beside it; give a FILE",
                    options.sign ? "sign" : "checksum", output);
    }
}

int export_to_stream(const transfer::Request& request, const Invocation& asked, Fd output,
                     Console& console) {
    const std::unique_ptr<Way> way = choose_way(asked.options);
    SignalWatch signals;
    return way->run(request, std::move(output), asked, console, signals).status;
}

Fd standard_output(const Options& options, std::string_view verb) {
    if (::isatty(STDOUT_FILENO) == 1) {
        throw Error(Kind::InvalidArgument,
                    "standard output is a terminal; expected a FILE, or a pipe as in slipway {} "
                    "web | ssh host …",
                    verb);
    }
    if (options.json != JsonForm::Off) {
        throw Error(Kind::InvalidArgument,
                    "--json writes to standard output, where the image goes; give a FILE");
    }
    refuse_what_needs_a_file(options, "standard output");
    Fd output(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!output) {
        throw errno_error("cannot use standard output");
    }
    return output;
}

// The list and its signature. The image has its name by now: what fails here leaves it there.
class Proof {
public:
    Proof(const ExportOutput& output, const Options& options)
        : directory_(::fcntl(output.directory(), F_DUPFD_CLOEXEC, 3)), name_(output.name()),
          options_(options) {}

    void write(const std::string& digest, Console& console) {
        try {
            ChecksumList list(directory_.get());
            list.put(name_, digest);
            sign(list.text(), console);
        } catch (Error& error) {
            error.add_context("{} is exported", quoted(name_));
            throw;
        }
    }

private:
    std::string signature_name() const { return std::string(kChecksumList) + kSignatureSuffix; }

    bool is_signed() const {
        return ::faccessat(directory_.get(), signature_name().c_str(), F_OK, AT_SYMLINK_NOFOLLOW) ==
               0;
    }

    void sign(const std::string& list, Console& console) {
        const std::string old = fmt::format("{} is of the list before and does not vouch for this "
                                            "one; sign it with gpg --detach-sign --output {} {}",
                                            signature_name(), signature_name(), kChecksumList);
        if (!options_.sign) {
            if (is_signed()) {
                console.err.add(fmt::format("warning: {}\n", old));
            }
            return;
        }
        try {
            replace_file(directory_.get(), signature_name(), gpg_sign(list, *options_.sign), 0666);
        } catch (Error& error) {
            error.add_context("{} has its line but is not signed", kChecksumList);
            error.add_advice(is_signed() ? "; " + old
                                         : fmt::format("; sign it with gpg --detach-sign --output "
                                                       "{} {}",
                                                       signature_name(), kChecksumList));
            throw;
        }
    }

    Fd directory_;
    std::string name_;
    const Options& options_;
};

int export_to_file(const transfer::Request& request, const std::filesystem::path& path,
                   const Invocation& asked, Console& console) {
    if (!asked.options.wait) {
        throw Error(Kind::InvalidArgument,
                    "--wait=no leaves a transfer to slipway-importd, and FILE gets its name when "
                    "the transfer has ended; wait for it, or write to standard output");
    }
    ExportOutput output(path, request.force ? Overwrite::Yes : Overwrite::No);
    const std::unique_ptr<Way> way = choose_way(asked.options);
    SignalWatch signals;
    Fd passed(::fcntl(output.fd(), F_DUPFD_CLOEXEC, 3));
    const JobResult result = way->run(request, std::move(passed), asked, console, signals);
    if (result.status != 0) {
        return result.status;
    }
    Proof proof(output, asked.options);
    std::move(output).publish();
    if (request.checksum) {
        proof.write(result.digest, console);
    }
    return 0;
}

} // namespace

int export_image(transfer::Verb verb, const Invocation& asked, Console& console) {
    const transfer::Request request = export_request(verb, asked);
    if (to_standard_output(asked)) {
        return export_to_stream(request, asked,
                                standard_output(asked.options, transfer::word(verb)), console);
    }
    const std::filesystem::path path = asked.operands[1];
    std::error_code error;
    if (std::filesystem::is_fifo(path, error)) { // as >(…) of a shell is one
        refuse_what_needs_a_file(asked.options, "a pipe");
        Fd pipe(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (!pipe) {
            throw errno_error("cannot open {}", quoted(path.string()));
        }
        return export_to_stream(request, asked, std::move(pipe), console);
    }
    return export_to_file(request, path, asked, console);
}

} // namespace slipway::cli
