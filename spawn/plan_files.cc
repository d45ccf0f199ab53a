// Each is made, and never opened: nobody else can have put it there.

#include "spawn/plan_files.hh"

#include <fcntl.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::spawn {

void write_plan_files(const machine::LaunchPlan& plan) {
    for (const auto& [path, content] : plan.files) {
        std::error_code error;
        std::filesystem::create_directories(path.parent_path(), error);
        Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!file) {
            throw errno_error("cannot write {}", quoted(path.string()));
        }
        write_all(file.get(), content);
        file.close();
    }
}

} // namespace slipway::spawn
