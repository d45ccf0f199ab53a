// What is asked for, from the words of a command line.

#include <filesystem>

#include "base/error.hh"
#include "cli/parse.hh"
#include "tests/catch.hh"

using namespace slipway;
using cli::Verb;
using Words = std::vector<std::string>;
using namespace std::chrono_literals;

namespace {

// The refusal of a command line; the test fails when there is none.
std::string refusal(const Words& words) {
    try {
        cli::parse(words);
    } catch (const Error& error) {
        CHECK(error.status() == 2);
        return error.what();
    }
    FAIL("was not refused");
    return "";
}

} // namespace

TEST_CASE("a verb and its operands are found between options", "[cli][parse]") {
    const auto same = [](const Words& words) {
        const cli::Invocation asked = cli::parse(words);
        CHECK(asked.verb == Verb::PullTar);
        CHECK(asked.operands == Words{"http://h/a.tar", "web"});
        CHECK(asked.options.pool == "/pool");
        CHECK(asked.options.job.force);
        CHECK(asked.options.quiet);
    };
    same({"--pool", "/pool", "--force", "-q", "pull-tar", "http://h/a.tar", "web"});
    same({"pull-tar", "--pool=/pool", "http://h/a.tar", "--force", "web", "--quiet"});
    same({"pull-tar", "http://h/a.tar", "web", "-q", "--force", "--pool", "/pool"});
    same({"-q", "pull-tar", "--force", "--pool=/pool", "--", "http://h/a.tar", "web"});
}

TEST_CASE("an operand is taken as it is", "[cli][parse]") {
    // Words that CLI11's own subcommands and positional arguments would take for something else.
    for (const std::string name : {"features", "pull-tar", "[a,b]", "-5x", "{}", "a=b"}) {
        CHECK(cli::parse(Words{"remove", "--", name}).operands == Words{name});
    }
    CHECK(cli::parse(Words{"remove", "features", "[a,b]", "a=b"}).operands ==
          Words{"features", "[a,b]", "a=b"});
    CHECK(cli::parse(Words{"import-tar", "-", "web"}).operands == Words{"-", "web"});
    CHECK(cli::parse(Words{"remove", "--", "--force", "--"}).operands == Words{"--force", "--"});
}

TEST_CASE("an option takes one value and leaves operands alone", "[cli][parse]") {
    const auto asked = cli::parse(Words{"--keyring", "/a", "pull-tar", "--keyring=/b", "URL",
                                        "--json", "--keyring", "[/c,d]"});
    CHECK(asked.operands == Words{"URL"});
    CHECK(
        asked.options.job.keyrings ==
        std::vector<std::filesystem::path>{"/a", "/b", std::filesystem::current_path() / "[/c,d]"});
    CHECK(asked.options.json == cli::JsonForm::Auto);
}

TEST_CASE("of an option given twice the last one holds", "[cli][parse]") {
    CHECK(cli::parse(Words{"list-images", "--pool=/a", "--pool=/b"}).options.pool == "/b");
    CHECK(cli::parse(Words{"list-images", "--json=pretty", "--json=off"}).options.json ==
          cli::JsonForm::Off);
}

TEST_CASE("paths are made absolute where they enter", "[cli][parse]") {
    const std::filesystem::path here = std::filesystem::current_path();
    const auto asked =
        cli::parse(Words{"pull-tar", "URL", "--pool=p", "--keyring=k", "--ca-file=c"});
    CHECK(asked.options.pool == here / "p");
    CHECK(asked.options.job.keyrings.at(0) == here / "k");
    CHECK(asked.options.job.network.ca_file == (here / "c").string());
}

TEST_CASE("every form of --json", "[cli][parse]") {
    const auto form = [](const std::string& word) {
        return cli::parse(Words{"list-images", word}).options.json;
    };
    CHECK(form("--json") == cli::JsonForm::Auto);
    CHECK(form("-j") == cli::JsonForm::Auto);
    CHECK(form("--json=short") == cli::JsonForm::Short);
    CHECK(form("--json=pretty") == cli::JsonForm::Pretty);
    CHECK(form("--json=off") == cli::JsonForm::Off);
}

TEST_CASE("limits and patience arrive in their units", "[cli][parse]") {
    const transfer::Request job =
        cli::parse(Words{"pull-tar", "URL", "--max-size=20G", "--max-ratio=100",
                         "--max-entries=5000", "--memory=64M", "--connect-timeout=2",
                         "--stall-timeout=250ms", "--stall-speed=1K", "--retry-delay=1min",
                         "--retries=3"})
            .options.job;
    CHECK(job.budget.size_bytes == 20ULL << 30);
    CHECK(job.budget.ratio == 100);
    CHECK(job.budget.entries == 5000);
    CHECK(job.memory_bytes == 64ULL << 20);
    CHECK(job.network.connect_timeout == 2s);
    CHECK(job.network.stall_timeout == 250ms);
    CHECK(job.network.stall_bytes == 1024);
    CHECK(job.network.retry == 1min);
    CHECK(job.network.retries == 3);
}

TEST_CASE("--help and --version need nothing else", "[cli][parse]") {
    CHECK(cli::parse(Words{"--help"}).verb == Verb::Help);
    CHECK(cli::parse(Words{"--version"}).options.version);
    const auto asked = cli::parse(Words{"pull-tar", "-h"});
    CHECK(asked.verb == Verb::Help);
    CHECK(asked.operands == Words{"pull-tar"});
    CHECK(cli::parse(Words{"help", "remove"}).operands == Words{"remove"});
    CHECK(cli::parse(Words{"help", "keys", "add"}).operands == Words{"keys add"});
    CHECK(cli::parse(Words{"keys", "add", "--help"}).operands == Words{"keys add"});
}

TEST_CASE("a wrong command line is refused in one sentence", "[cli][parse]") {
    struct Case {
        Words words;
        std::string refusal;
    };
    const std::string verbs =
        "pull-tar, pull-raw, verify, import-tar, import-raw, import-fs, "
        "list-images, image-status, show-image, clone, rename, read-only, remove, set-limit, "
        "clean, export-tar, export-raw, list-transfers, cancel-transfer, monitor, "
        "history, features, cache, keys, start, run, cat, edit, poweroff, stop, reboot, terminate, "
        "kill, list, status, shell, copy-to, copy-from, bind, console, log, login, enable, "
        "disable, "
        "help";
    const std::string verify_help = "option '--verify': ";
    const std::vector<Case> cases{
        {{}, "no verb given; expected one of " + verbs},
        {{"-q"}, "no verb given; expected one of " + verbs},
        {{""}, "unknown verb ''; expected one of " + verbs},
        {{"pul-tar", "u"}, "unknown verb 'pul-tar'; did you mean 'pull-tar'?"},
        {{"list-image"}, "unknown verb 'list-image'; did you mean 'list-images'?"},
        {{"xyzzy"}, "unknown verb 'xyzzy'; expected one of " + verbs},
        {{"\x1b[31m"}, "unknown verb '\\x1b[31m'; expected one of " + verbs},
        {{"https://me:secret@h/x.tar?token=secret"},
         "unknown verb 'https://…@h/x.tar?token=…'; expected one of " + verbs},
        {{"kesy"}, "unknown verb 'kesy'; did you mean 'keys'?"},
        {{"keys"},
         "'keys' lacks a word; expected one of keys list, keys check, keys add, "
         "keys remove"},
        {{"keys", "lst"}, "unknown verb 'keys lst'; did you mean 'keys list'?"},
        {{"help", "keys", "add", "x"},
         "'help' takes no more than 1 operand; expected slipway help [VERB]"},
        {{"keys", "list", "--match=https://h/"}, "option '--match' does not go with 'keys list'"},
        {{"keys", "add", "f", "--fingerprint=12"},
         "option '--fingerprint': '12' is no fingerprint; expected 40 hexadecimal digits, or 16 of "
         "a minisign key"},
        {{"keys", "add"}, "'keys add' lacks an operand; expected slipway keys add FILE|- [NAME]"},
        {{"help", "pull"}, "unknown verb 'pull'; did you mean 'pull-tar'?"},
        {{"pull-tar", "--forse", "u"}, "unknown option '--forse'; did you mean '--force'?"},
        {{"pull-tar", "--keyrin=x", "u"}, "unknown option '--keyrin'; did you mean '--keyring'?"},
        {{"pull-tar", "--xyzzy", "u"}, "unknown option '--xyzzy'; --help lists the options"},
        {{"pull-tar", "-Z", "u"}, "unknown option '-Z'; --help lists the options"},
        {{"pull-tar", "-qZ", "u"}, "unknown option '-Z'; --help lists the options"},
        {{"list-images", "--force"}, "option '--force' does not go with 'list-images'"},
        {{"remove", "w", "--verify=no"}, "option '--verify' does not go with 'remove'"},
        {{"import-tar", "f", "--ca-file=x"}, "option '--ca-file' does not go with 'import-tar'"},
        {{"list-images", "--pool"}, "option '--pool' needs a value: --pool=DIR"},
        {{"list-images", "--pool="}, "option '--pool' has an empty value; expected --pool=DIR"},
        {{"pull-tar", "--verify=", "u"},
         "option '--verify' has an empty value; expected --verify=MODE"},
        {{"pull-tar", "u", "--force=yes"}, "option '--force' takes no value"},
        {{"list-images", "--json=xml"},
         "option '--json': 'xml' is no form of output; expected pretty, short or off"},
        {{"pull-tar", "u", "--retries=many"}, "option '--retries': 'many' is not a whole number"},
        {{"pull-tar", "u", "--max-entries=-1"},
         "option '--max-entries': '-1' is not a whole number"},
        {{"pull-tar", "u", "--max-size=2Q"},
         "option '--max-size': '2Q' is not a size; expected a number with one of B K M G T P E"},
        {{"pull-tar", "u", "--stall-timeout=soon"},
         "option '--stall-timeout': 'soon' is not a time; expected one such as 30s or 250ms"},
        {{"pull-tar"}, "'pull-tar' lacks an operand; expected slipway pull-tar URL [NAME]"},
        {{"remove"}, "'remove' lacks an operand; expected slipway remove NAME..."},
        {{"pull-tar", "a", "b", "c"},
         "'pull-tar' takes no more than 2 operands; expected slipway pull-tar URL [NAME]"},
        {{"help", "remove", "x"},
         "'help' takes no more than 1 operand; expected slipway help [VERB]"},
        {{"list-images", "x"},
         "'list-images' takes no more than 0 operands; expected slipway list-images"},
    };
    for (const Case& one : cases) {
        CHECK(refusal(one.words) == one.refusal);
    }
}

TEST_CASE("D19: a digest of wrong length or alphabet is refused at the command line",
          "[cli][parse]") {
    const std::string good(64, 'a');
    CHECK(cli::parse(Words{"pull-tar", "u", "--verify=" + good}).options.verify == good);
    CHECK(cli::parse(Words{"pull-tar", "u", "--verify=" + std::string(128, 'F')}).options.verify ==
          std::string(128, 'F'));
    for (const std::string& bad : {std::string(63, 'a'), std::string(65, 'a'),
                                   std::string(63, 'a') + "g", std::string("yes")}) {
        CHECK_THAT(refusal({"pull-tar", "u", "--verify=" + bad}),
                   contains("option '--verify'") && contains(bad));
    }
}

TEST_CASE("what stands behind the machine of shell is the command's own", "[cli][parse]") {
    const auto operands = [](const Words& words) {
        const cli::Invocation asked = cli::parse(words);
        CHECK(asked.verb == Verb::Shell);
        return asked.operands;
    };
    CHECK(operands({"shell", "web"}) == Words{"web"});
    CHECK(operands({"shell", "web", "ls", "--help", "-la"}) == Words{"web", "ls", "--help", "-la"});
    CHECK(operands({"shell", "-q", "u@web", "--", "-x"}) == Words{"u@web", "-x"});
    CHECK(operands({"-q", "shell", "web", "sh", "--", "-q"}) == Words{"web", "sh", "--", "-q"});
    CHECK(operands({"shell", "--", "web", "ls", "-q"}) == Words{"web", "ls", "-q"});
    CHECK(cli::parse(Words{"shell", "web", "ls", "-q"}).options.quiet == false);
    CHECK(cli::parse(Words{"shell", "-q", "web", "ls"}).options.quiet);
    CHECK(cli::parse(Words{"shell", "--help"}).verb == Verb::Help);
    // Of other verbs options stand anywhere.
    CHECK(cli::parse(Words{"poweroff", "web", "--wait=no"}).options.wait == false);
    CHECK_THAT(refusal({"shell"}), contains("lacks an operand"));
}

TEST_CASE("a letter is the verb's own", "[cli][parse]") {
    CHECK(cli::parse(Words{"show-image", "-p", "Limit"}).options.properties == Words{"Limit"});
    const cli::Options start = cli::parse(Words{"start", "-p", "8080:80", "web", "-a"}).options;
    CHECK(start.properties.empty());
    CHECK_FALSE(start.all);
    const machine::Settings settings = machine::settings_of(start.machine.said);
    CHECK(settings.ports ==
          std::vector<machine::Port>{{.protocol = "tcp", .host = 8080, .machine = 80}});
    CHECK(settings.as_pid2 == true);
    CHECK(cli::parse(Words{"list-images", "-a"}).options.all);
    CHECK(cli::parse(Words{"clone", "--read-only", "a", "b"}).options.job.read_only);
    CHECK_FALSE(cli::parse(Words{"start", "--read-only", "a"}).options.job.read_only);
    CHECK_THAT(refusal({"start", "web", "-p"}), contains("--port"));
    CHECK_THAT(refusal({"start", "web", "--property=a"}), contains("does not go with 'start'"));
}

TEST_CASE("flags of a machine add up where a setting is a list", "[cli][parse]") {
    const cli::Options options =
        cli::parse(Words{"start", "-E", "A=b c", "--setenv=D=", "--bind", "/a", "--bind=/b:/c",
                         "--private-users", "-U", "web"})
            .options;
    const machine::Settings settings = machine::settings_of(options.machine.said);
    CHECK(settings.environment == std::map<std::string, std::string>{{"A", "b c"}, {"D", ""}});
    CHECK(settings.binds.size() == 2);
    CHECK(settings.private_users == machine::PrivateUsers::Pick);
    CHECK_THAT(refusal({"start", "--hostname=a b", "web"}),
               contains("option '--hostname'") && contains("host name"));
}
