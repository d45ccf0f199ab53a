// Catch2 2.13: its main, which lies in a header, and a listener that records results. A skip is the
// warning that tests/catch.hh makes of SKIP.

#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "tests/support/test_record.hh"

namespace {

class Listener : public Catch::TestEventListenerBase {
public:
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        TestEventListenerBase::testCaseStarting(info);
        record_.start(info.name);
    }

    bool assertionEnded(const Catch::AssertionStats& stats) override {
        constexpr std::string_view kMark = "SKIPPED: ";
        const Catch::AssertionResult& result = stats.assertionResult;
        const std::string text = result.getMessage();
        if (result.getResultType() == Catch::ResultWas::Warning && text.starts_with(kMark)) {
            record_.skip(std::string_view(text).substr(kMark.size()));
        }
        return true;
    }

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        record_.end(stats.testInfo.name, stats.totals.assertions.allOk());
        TestEventListenerBase::testCaseEnded(stats);
    }

private:
    slipway::tests::TestRecord record_;
};

CATCH_REGISTER_LISTENER(Listener)

} // namespace
