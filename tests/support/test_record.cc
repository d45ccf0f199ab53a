// One write(2) a line, so that what a dying program recorded before stays readable.

#include "tests/support/test_record.hh"

#include <cstdio>
#include <cstdlib>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"

namespace slipway::tests {
namespace {

std::string one_field(std::string_view text) {
    std::string field(text);
    for (char& c : field) {
        c = c == '\n' || c == '\t' ? ' ' : c;
    }
    return field;
}

void append(std::string_view result, std::string_view name, std::string_view reason = {}) {
    const char* directory = std::getenv("SLIPWAY_TEST_RECORDS");
    if (directory == nullptr) {
        return;
    }
    const char* name_of_file = std::getenv("SLIPWAY_TEST_RECORD");
    const std::string path =
        std::string(directory) + "/" +
        (name_of_file != nullptr ? name_of_file : program_invocation_short_name);
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    const std::string line =
        fmt::format("{}\t{}\t{}\n", result, one_field(name), one_field(reason));
    if (!file || ::write(file.get(), line.data(), line.size()) < 0) {
        // Not thrown: this may be a signal handler's last words. dev/report misses the line.
        fmt::print(stderr, "cannot record a test's result in {}: {}\n", path, errno_text(errno));
    }
}

} // namespace

void TestRecord::start(std::string_view name) const {
    append("started", name);
}

void TestRecord::skip(std::string_view reason) {
    skipped_ = reason;
}

void TestRecord::end(std::string_view name, bool passed) {
    if (!passed) {
        append("failed", name);
    } else if (skipped_) {
        append("skipped", name, *skipped_);
    } else {
        append("passed", name);
    }
    skipped_.reset();
}

} // namespace slipway::tests
