// import-tar and import-raw: as a pull from the unpacking on. Beside a file that somebody brought
// there is no publisher to ask, so it is checked against a digest that was given, or not at all.

#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "transfer/arrival.hh"
#include "transfer/input.hh"
#include "transfer/job.hh"

namespace slipway::transfer {
namespace {

pull::UnpackDone unpack(const Job& job, const verify::Judge& judge, const Arrival& arrival,
                        const Input& input, const pull::UnpackRequest& request) {
    try {
        Target target = arrival.target();
        target.on_damage = [&judge](const stream::Digests& digests) { judge.judge(digests); };
        job.report.stage("unpack");
        return unpack_input(input.fd.get(), request, target, job.report, job.stop);
    } catch (Error& error) {
        arrival.explain(error);
        throw;
    }
}

} // namespace

Ended import_image(const Job& job, Fd given) {
    const Request& request = job.request;
    const std::string source = request.path.empty() ? "-" : escaped(request.path.string());
    const verify::Judge judge(
        {.policy = verify::parse_policy(request.verify), .image = std::nullopt, .now = job.now});
    const Input input =
        request.path.empty() ? adopt_input(std::move(given)) : open_input(request.path, job.stop);
    Arrival arrival(job);
    arrival.check_space(input.size_bytes);
    job.report.expect(input.size_bytes);
    arrival.keep_time(input.modified);
    const pull::UnpackDone unpacked =
        unpack(job, judge, arrival, input, arrival.unpack_request(judge, source));
    const Verdict verdict = judge.judge(unpacked.digests);
    return std::move(arrival).commit(judge, verdict, unpacked, source);
}

} // namespace slipway::transfer
