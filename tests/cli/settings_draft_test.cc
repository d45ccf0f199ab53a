// Drafts of settings: nothing becomes trusted by being opened.

#include "cli/settings_draft.hh"
#include "tests/catch.hh"

using namespace slipway;
using machine::Trust;

namespace {

std::string draft_of(const std::string& text, Trust trust) {
    machine::FoundSettings found;
    found.file = machine::read_settings(text, "/pool/web.nspawn", trust);
    return cli::settings_draft("web", found, text);
}

} // namespace

TEST_CASE("a draft is the text itself where all of it counts", "[cli][settings]") {
    const std::string text = "[Exec]\n# why\nHostname=www\n";
    CHECK(draft_of(text, Trust::None) == text);
    CHECK(draft_of("[Exec]\nCapability=all\n", Trust::Full) == "[Exec]\nCapability=all\n");
}

TEST_CASE("the template is valid, and says nothing", "[cli][settings]") {
    const std::string text = cli::settings_draft("web", {}, "");
    const machine::SettingsFile read = machine::read_settings(text, "/x", Trust::Full);
    CHECK(read.settings == machine::Settings());
    CHECK(read.ignored.empty());
    CHECK_THAT(text, contains("the machine web"));
}

TEST_CASE("trusted, a draft says no more than its file untrusted, however that is written",
          "[cli][settings]") {
    for (const std::string text :
         {"[Exec]\nHostname=www\nCapability=all\n[Files]\nBind=/etc\n",
          "[Exec]\nCapability=\\\n  all\nHostname=www\n",
          "[Exec]\nCapability=\\\n# a comment between\n  all\nHostname=www\n",
          "[Exec]\r\nCapability=all\\\r\n x\r\nHostname=www\r\n",
          "[Exec]\nHostname=www\n[Files]\nBind=/etc\\", "Capability=all\n[Exec]\nHostname=www\n",
          "[Exec]\nHostname=www\nCapability=\\\n\\\n#\\\nall\nDropCapability=CAP_KILL\n",
          "[Exec\nCapability=all\n[Exec]\nHostname=www\n",
          "\xEF\xBB\xBF[Exec]\nCapability=all\nHostname=www\n"}) {
        INFO(text);
        const machine::SettingsFile file = machine::read_settings(text, "/x", Trust::None);
        const machine::SettingsFile read =
            machine::read_settings(draft_of(text, Trust::None), "/x", Trust::Full);
        CHECK((read.settings == file.settings || read.settings == machine::Settings()));
        CHECK(read.ignored.empty());
    }
    CHECK_THAT(draft_of("[Exec]\nHostname=www\nCapability=all\n", Trust::None),
               contains("\nHostname=www\n") && contains("\n#Capability=all\n"));
}
