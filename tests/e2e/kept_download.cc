// Everything that is kept is asked for by its keeper alone.

#include "tests/e2e/kept_download.hh"

#include <algorithm>

#include "tests/catch.hh"

namespace slipway::tests {

Offered::Offered() {
    make_plain_tree(place / "tree", 40);
    write_file(place / "tree/noise", noise(100'000));
    archive = pack(place / "tree", ".gz");
    publisher.publish("web.tar.gz", archive);
    publisher.publish("web.nspawn", "[Exec]\nBoot=no\n");
}

transfer::Request Offered::request(const std::string& name, const std::string& verify) const {
    transfer::Request made = scene.pull(publisher.url("web.tar.gz"), name);
    made.verify = verify;
    made.keyrings = {publisher.keyring()};
    made.network.retries = 1;
    made.cache = cache();
    return made;
}

FinishedJob Offered::keep(const std::string& name, const std::string& verify) const {
    transfer::Request made = request(name, verify);
    made.keep_download = true;
    FinishedJob job = run_job(made, Face::Transfer);
    INFO(job.text());
    REQUIRE(job.status == 0);
    return job;
}

std::size_t Offered::asked(const std::string& path, const std::string& method) const {
    const auto seen = publisher.server.requests(path);
    return static_cast<std::size_t>(
        std::count_if(seen.begin(), seen.end(),
                      [&method](const SeenRequest& one) { return one.method == method; }));
}

void Offered::check_stored(const std::string& name) const {
    CHECK(differences(place / "tree", scene.image(name)) == Lines{});
}

std::string noise(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (char& byte : bytes) {
        state = state * 1'664'525U + 1'013'904'223U;
        byte = static_cast<char>(state >> 24U);
    }
    return bytes;
}

bool is_hidden(const std::string& name) {
    return name.starts_with(".#slipway-");
}

void change_byte(const std::filesystem::path& file, std::size_t offset) {
    std::string content = read_file(file);
    content.at(offset) = static_cast<char>(content.at(offset) ^ 0x20);
    write_file(file, content);
}

std::string check_refused_here(const Scene& scene, const transfer::Request& request, int status,
                               const std::string& part, const std::set<std::string>& entries) {
    const FinishedJob job = run_job(request, Face::Transfer);
    CHECK(job.status == status);
    CHECK_THAT(job.text(), contains(part));
    CHECK(job.text().find('\n') == std::string::npos);
    CHECK(unexpected_entries(scene.pool, entries) == Lines{});
    return job.text();
}

bool says(const FinishedJob& job, transfer::LogLevel level, const std::string& part) {
    const auto lines = job.lines(level);
    return std::any_of(lines.begin(), lines.end(), [&part](const std::string& line) {
        return line.find(part) != std::string::npos;
    });
}

} // namespace slipway::tests
