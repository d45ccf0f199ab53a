// The record stays an object in the object, the request a string: it is handed on as it is.

#include "jobs/stored_job.hh"

#include "base/error.hh"
#include "base/json.hh"

namespace slipway::jobs {

using Json = nlohmann::json;

std::string to_json(const StoredJob& job) {
    return Json{{"record", Json::parse(transfer::to_json(job.record))},
                {"request", job.request},
                {"has_input", job.has_input},
                {"cancel_wanted", job.cancel_wanted}}
        .dump();
}

StoredJob parse_stored_job(std::string_view json) {
    try {
        const Json object = Json::parse(json);
        return {transfer::parse_job_record(object.at("record").dump()),
                object.at("request").get<std::string>(), object.at("has_input").get<bool>(),
                object.at("cancel_wanted").get<bool>()};
    } catch (const Json::exception& error) {
        throw Error(Kind::Internal, "a job's file cannot be read: {}", error.what());
    }
}

} // namespace slipway::jobs
