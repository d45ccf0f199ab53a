// importd.conf and its drop-ins: what counts, and what is said about what does not.

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "jobs/config.hh"
#include "jobs/config_table.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::jobs;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

// The three places of the files, in a directory of the test's own.
struct Etc {
    TempDir directory;
    ConfigPlaces places{.file = directory / "importd.conf",
                        .drop_ins = {directory / "usr", directory / "run", directory / "etc"}};

    Etc() {
        for (const auto& drop_in : places.drop_ins) {
            std::filesystem::create_directory(drop_in);
        }
    }
    void write(const std::string& text) const { write_file(places.file, text); }
    void drop_in(const std::string& name, const std::string& text) const {
        write_file(directory / name, text);
    }
    LoadedConfig load() const { return load_config(places); }
    std::string at(unsigned line) const {
        return places.file.string() + ":" + std::to_string(line) + ": ";
    }
    // What load() refuses with; empty when it does not.
    std::string refusal() const {
        try {
            load();
            return "";
        } catch (const Error& error) {
            return error.what();
        }
    }
};

} // namespace

TEST_CASE("without a file every default counts", "[jobs][config]") {
    const Etc etc;
    const LoadedConfig loaded = etc.load();
    CHECK(loaded.warnings.empty());
    CHECK(loaded.config.running == 4);
    CHECK(loaded.config.verify == "signature");
    CHECK(loaded.config.pools.at("confext") == "/var/lib/confexts");
    const ConfigPlaces nowhere{.file = "/nonexistent/a", .drop_ins = {"/nonexistent/b"}};
    CHECK(load_config(nowhere).config.history == 10'000);
}

TEST_CASE("every key is read", "[jobs][config]") {
    const Etc etc;
    etc.write("# comment\n; another\n\n"
              "[Transfers]\nRunning=7\nRunningPerHost = 3\nJobs=100\nJobsPerUser=5\n"
              "Verify=checksum\nBandwidth=1.5M\n"
              "[Downloads]\nKeep=yes\nMaxSize=50G\nMaxAge=7d\n"
              "[Network]\nConnectTimeout=250ms\nStallTimeout=5min\nRetries=0\nMaxRedirects=3\n"
              "CaFile=/etc/ca.pem\nHttpProxy=http://u:p@proxy:3128/\nHttpsProxy=proxy:1\n"
              "AllProxy=socks5://[::1]:1080\nNoProxy=localhost,.example\n"
              "[Limits]\nMaxSize=20G\nMaxRatio=50\nMaxEntries=1000\nMemory=64M\n"
              "[Pools]\nMachine=/srv/m\nPortable=/srv/p\nSystemExtension=/srv/s\n"
              "ConfigurationExtension=/srv/c\n"
              "[Daemon]\nIdleExit=2min\nHistory=12\n");
    const LoadedConfig loaded = etc.load();
    CHECK(loaded.warnings.empty());
    const Config& config = loaded.config;
    CHECK(config.running == 7);
    CHECK(config.running_per_host == 3);
    CHECK(config.jobs == 100);
    CHECK(config.jobs_per_user == 5);
    CHECK(config.verify == "checksum");
    CHECK(config.keep_downloads);
    CHECK(config.kept_size_bytes == std::uint64_t{50} << 30);
    CHECK(config.kept_age == 168h);
    CHECK(config.network.rate_bytes == 1'572'864);
    CHECK(config.network.connect_timeout == 250ms);
    CHECK(config.network.stall_timeout == 5min);
    CHECK(config.network.retries == 0);
    CHECK(config.network.max_redirects == 3);
    CHECK(config.network.ca_file == "/etc/ca.pem");
    CHECK(config.proxies ==
          std::vector<std::string>{"http_proxy=http://u:p@proxy:3128/", "https_proxy=proxy:1",
                                   "all_proxy=socks5://[::1]:1080", "no_proxy=localhost,.example"});
    CHECK(config.max_size_bytes == std::uint64_t{20} << 30);
    CHECK(config.max_ratio == 50);
    CHECK(config.max_entries == 1000);
    CHECK(config.memory_bytes == std::uint64_t{64} << 20);
    CHECK(config.pools.at("machine") == "/srv/m");
    CHECK(config.pools.at("portable") == "/srv/p");
    CHECK(config.pools.at("sysext") == "/srv/s");
    CHECK(config.pools.at("confext") == "/srv/c");
    CHECK(config.idle_exit == 2min);
    CHECK(config.history == 12);
}

TEST_CASE("the table states the defaults that count", "[jobs][config]") {
    const Etc etc;
    std::string defaults;
    std::string resets;
    for (const KeySpec& key : key_table()) {
        const std::string section = "[" + std::string(key.section) + "]\n";
        defaults += section + std::string(key.name) + "=" + std::string(key.fallback) + "\n";
        resets += section + std::string(key.name) + "=\n";
    }
    const auto same = [](const Config& a) {
        const Config b;
        CHECK(a.running == b.running);
        CHECK(a.running_per_host == b.running_per_host);
        CHECK(a.jobs == b.jobs);
        CHECK(a.jobs_per_user == b.jobs_per_user);
        CHECK(a.verify == b.verify);
        CHECK(a.keep_downloads == b.keep_downloads);
        CHECK(a.kept_size_bytes == b.kept_size_bytes);
        CHECK(a.kept_age == b.kept_age);
        CHECK(a.network.rate_bytes == b.network.rate_bytes);
        CHECK(a.network.connect_timeout == b.network.connect_timeout);
        CHECK(a.network.stall_timeout == b.network.stall_timeout);
        CHECK(a.network.retries == b.network.retries);
        CHECK(a.network.max_redirects == b.network.max_redirects);
        CHECK(a.network.ca_file == b.network.ca_file);
        CHECK(a.proxies == b.proxies);
        CHECK(a.max_size_bytes == b.max_size_bytes);
        CHECK(a.max_ratio == b.max_ratio);
        CHECK(a.max_entries == b.max_entries);
        CHECK(a.memory_bytes == b.memory_bytes);
        CHECK(a.pools == b.pools);
        CHECK(a.idle_exit == b.idle_exit);
        CHECK(a.history == b.history);
    };
    etc.write(defaults);
    same(etc.load().config);
    etc.write("[Transfers]\nRunning=9\nVerify=no\n[Network]\nRetries=1\nAllProxy=a\nNoProxy=b\n"
              "[Downloads]\nKeep=yes\nMaxSize=1\nMaxAge=1\n"
              "[Pools]\nMachine=/m\n[Daemon]\nIdleExit=1h\n" +
              resets);
    same(etc.load().config);
}

TEST_CASE("drop-ins are read by name over all directories, and later ones hide their namesakes",
          "[jobs][config]") {
    const Etc etc;
    etc.write("[Transfers]\nRunning=1\nJobs=1\nJobsPerUser=1\nRunningPerHost=1\n");
    etc.drop_in("usr/20-b.conf", "[Transfers]\nRunning=20\nJobs=20\n");
    etc.drop_in("etc/10-a.conf", "[Transfers]\nRunning=10\nRunningPerHost=10\n");
    CHECK(etc.load().config.running == 20);
    CHECK(etc.load().config.running_per_host == 10);
    CHECK(etc.load().config.jobs_per_user == 1);

    etc.drop_in("run/20-b.conf", "[Transfers]\nRunning=21\n");
    CHECK(etc.load().config.running == 21);
    CHECK(etc.load().config.jobs == 1); // the one in usr is hidden as a whole

    etc.drop_in("etc/20-b.conf", "");
    CHECK(etc.load().config.running == 10);
    std::filesystem::remove(etc.directory / "etc/20-b.conf");
    std::filesystem::create_symlink("/dev/null", etc.directory / "etc/20-b.conf");
    CHECK(etc.load().config.running == 10);

    etc.drop_in("etc/30-c.txt", "no configuration\n");
    etc.drop_in("etc/.30-c.conf", "no configuration\n");
    CHECK(etc.load().config.running == 10);
}

TEST_CASE("what is given again replaces, lists grow, an empty value begins anew",
          "[jobs][config]") {
    const Etc etc;
    etc.write("[Network]\nNoProxy=a\nNoProxy=b,c\nHttpProxy=one\nHttpProxy=two\n"
              "[Transfers]\nRunning=1\nRunning=2\n");
    Config config = etc.load().config;
    CHECK(config.running == 2);
    CHECK(config.proxies == std::vector<std::string>{"no_proxy=a,b,c", "http_proxy=two"});

    etc.drop_in("etc/a.conf", "[Network]\nNoProxy=\nNoProxy=d\nHttpProxy=\n");
    config = etc.load().config;
    CHECK(config.proxies == std::vector<std::string>{"no_proxy=d"});
}

TEST_CASE("another file has its drop-ins beside it", "[jobs][config]") {
    const Etc etc;
    const auto file = etc.directory / "other.conf";
    write_file(file, "[Transfers]\nRunning=1\nJobs=1\n");
    std::filesystem::create_directory(etc.directory / "other.conf.d");
    write_file(etc.directory / "other.conf.d/a.conf", "[Transfers]\nRunning=2\n");
    const Config config = load_config(places_of(file)).config;
    CHECK(config.running == 2);
    CHECK(config.jobs == 1);
    CHECK(places_of("/etc/slipway/importd.conf").drop_ins.size() == 3);
}

TEST_CASE("unknown keys and sections are passed over and named with their line", "[jobs][config]") {
    const Etc etc;
    etc.write("[Transfers]\nRuning=3\nJobs=9\n[Trasfers]\nJobs=1\nRunning=1\n[Other]\nx=\x1b[31m\n"
              "[Daemon]\nrunning=5\n");
    const LoadedConfig loaded = etc.load();
    CHECK(loaded.config.running == 4);
    CHECK(loaded.config.jobs == 9);
    REQUIRE(loaded.warnings.size() == 4);
    CHECK(loaded.warnings[0] == etc.at(2) + "there is no key 'Runing' in [Transfers]; it is passed "
                                            "over. Was Running meant?");
    CHECK(loaded.warnings[1] == etc.at(5) + "there is no section 'Trasfers'; its keys are passed "
                                            "over. Was Transfers meant?");
    CHECK(loaded.warnings[2] ==
          etc.at(8) + "there is no section 'Other'; its keys are passed over");
    CHECK(loaded.warnings[3] ==
          etc.at(10) + "there is no key 'running' in [Daemon]; it is passed over");
}

TEST_CASE("a wrong value names file, line, key, and what was expected and found",
          "[jobs][config]") {
    struct Row {
        const char* text;
        unsigned line;
        const char* says;
    };
    const std::vector<Row> rows{
        {"[Transfers]\nRunning=many\n", 2, "Running: 'many' is not a whole number"},
        {"[Transfers]\n\n# x\nRunning=0\n", 4, "Running: 0; expected a number from 1 to 256"},
        {"[Transfers]\nRunning=257\n", 2, "from 1 to 256"},
        {"[Transfers]\nRunning=-1\n", 2, "not a whole number"},
        {"[Transfers]\nRunning=99999999999999999999\n", 2, "not a whole number"},
        {"[Transfers]\nVerify=Signature\n", 2, "expected no, checksum or signature"},
        {"[Transfers]\nBandwidth=fast\n", 2, "is not a size"},
        {"[Transfers]\nBandwidth=1000\n", 2, "expected 0, or a size from 1K to 1T"},
        {"[Network]\nStallTimeout=soon\n", 2, "is not a time"},
        {"[Network]\nStallTimeout=0\n", 2, "expected a time from 1ms to 24h"},
        {"[Network]\nConnectTimeout=100h\n", 2, "expected a time from 1ms to 24h"},
        {"[Network]\nCaFile=ca.pem\n", 2, "expected an absolute path"},
        {"[Pools]\nMachine=var/lib/machines\n", 2, "expected an absolute path"},
        {"[Pools]\nMachine=/var/../etc\n", 2, "expected an absolute path"},
        {"[Limits]\nMaxSize=16E\n", 2, "is not a size"},
        {"[Daemon]\nIdleExit=never\n", 2, "is not a time"},
        {"Running=1\n", 1, "'Running' in front of every section; expected a [Section] first"},
        {"[Transfers]\nRunning\n", 2, "neither a [Section] nor Key=Value"},
        {"[Transfers\nRunning=1\n", 1, "neither a [Section] nor Key=Value"},
        {"[Transfers]\nnonsense\nRunning=x\n", 2, "neither a [Section] nor Key=Value"},
        {"[Transfers]\nRunning=x\nnonsense\n", 2, "'x' is not a whole number"},
    };
    const Etc etc;
    for (const Row& row : rows) {
        INFO(row.text);
        etc.write(row.text);
        const std::string refusal = etc.refusal();
        CHECK(refusal.substr(0, etc.at(row.line).size()) == etc.at(row.line));
        CHECK_THAT(refusal, contains(row.says));
    }
}

TEST_CASE("a proxy's password is in no message", "[jobs][config]") {
    const Etc etc;
    etc.write("[Network]\nHttpProxy=http://user:geheim@proxy bad/\n");
    CHECK_THAT(etc.refusal(), contains("blank or control character"));
    CHECK(etc.refusal().find("geheim") == std::string::npos);
}

TEST_CASE("hostile files are refused with their line, and cost next to nothing",
          "[jobs][config][hostile]") {
    const Etc etc;
    const std::string head = "[Transfers]\n";
    SECTION("a long line") {
        const std::string list(189, 'x');
        etc.write("[Network]\nNoProxy=" + list + "\n"); // the last length that fits: read whole
        CHECK(etc.load().config.proxies == std::vector<std::string>{"no_proxy=" + list});
        etc.write("[Network]\nNoProxy=" + list + "x\n");
        CHECK_THAT(etc.refusal(), contains(etc.at(2)));
        CHECK_THAT(etc.refusal(), contains("expected at most 197"));
    }
    SECTION("a NUL byte") {
        etc.write(head + std::string("Running=1\0\n", 11));
        CHECK_THAT(etc.refusal(), contains(etc.at(2) + "a NUL byte"));
    }
    SECTION("not UTF-8") {
        etc.write(head + "#\xff\xfe\n");
        CHECK_THAT(etc.refusal(), contains(etc.at(2) + "'#\\xff\\xfe'; expected UTF-8"));
    }
    SECTION("a terminal's commands in a value") {
        etc.write(head + "Running=\x1b[31m\n");
        CHECK_THAT(etc.refusal(), contains("'\\x1b[31m'"));
    }
    SECTION("an endless file") {
        etc.write(std::string(2'000'000, '\n'));
        CHECK_THAT(etc.refusal(), contains("2000000 bytes; expected at most 1048576"));
    }
    SECTION("a directory in its place") {
        std::filesystem::create_directory(etc.places.file);
        CHECK_THAT(etc.refusal(), contains("is a directory; expected a file"));
    }
    SECTION("a directory among the drop-ins") {
        std::filesystem::create_directory(etc.directory / "etc/a.conf");
        CHECK_THAT(etc.refusal(), contains("a.conf' is a directory; expected a file"));
    }
    SECTION("a file in the place of the drop-ins' directory") {
        std::filesystem::remove(etc.directory / "etc");
        write_file(etc.directory / "etc", "");
        CHECK_THAT(etc.refusal(), contains("cannot read the directory"));
    }
    SECTION("a pipe that nobody writes to") {
        REQUIRE(::mkfifo(etc.places.file.c_str(), 0600) == 0);
        CHECK_THAT(etc.refusal(), contains("no regular file"));
    }
}

TEST_CASE("a file that may not be read is an error", "[jobs][config]") {
    if (::geteuid() == 0) {
        // Root reads everything, but nobody follows a link to itself.
        const Etc etc;
        std::filesystem::create_symlink("importd.conf", etc.places.file);
        CHECK_THAT(etc.refusal(), contains("cannot open"));
        return;
    }
    const Etc etc;
    etc.write("");
    std::filesystem::permissions(etc.places.file, std::filesystem::perms::none);
    CHECK_THAT(etc.refusal(), contains("Permission denied"));
}

TEST_CASE("files as editors of other systems leave them are read", "[jobs][config]") {
    const Etc etc;
    etc.write("\xef\xbb\xbf[Transfers]\r\nRunning=2\r\n  Jobs = 5 \r\n\tJobsPerUser=6 ; comment");
    const LoadedConfig loaded = etc.load();
    CHECK(loaded.warnings.empty());
    CHECK(loaded.config.running == 2);
    CHECK(loaded.config.jobs == 5);
}

TEST_CASE("the sample is the defaults, commented out, and valid when it is not", "[jobs][config]") {
    const Etc etc;
    const std::string sample = config_sample();
    etc.write(sample);
    CHECK(etc.load().warnings.empty());
    std::string used = sample;
    for (std::size_t at = 0; (at = used.find("\n#", at)) != used.npos; ++at) {
        if (used[at + 2] != ' ') {
            used.erase(at + 1, 1);
        }
    }
    etc.write(used);
    CHECK(etc.load().warnings.empty());
    CHECK(std::count(used.begin(), used.end(), '=') >=
          static_cast<std::ptrdiff_t>(key_table().size()));
}

TEST_CASE("importd.conf(5) has every key, and man reads it without a word", "[jobs][config]") {
    const std::string manual = config_manual("1.2");
    for (const KeySpec& key : key_table()) {
        INFO(key.name);
        CHECK_THAT(manual, contains("\\fB" + std::string(key.name) + "\\fR="));
    }
    if (run({"man", "--version"}).status != 0) {
        SKIP("man is not installed");
    }
    const RunResult shown =
        run({"man", "--warnings", "-E", "UTF-8", "-l", "-"},
            {.input = manual, .environment = {"LC_ALL=C.UTF-8", "MANROFFSEQ=", "MANWIDTH=80"}});
    CHECK(shown.err.empty());
    CHECK_THAT(shown.out, contains("IdleExit=TIME"));
}
