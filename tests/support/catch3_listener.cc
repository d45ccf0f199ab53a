// Catch2 3 brings its main in a library and knows skips; this listener records results.

#include <catch2/catch_all.hpp>

#include "tests/support/test_record.hh"

namespace {

class Listener : public Catch::EventListenerBase {
public:
    using EventListenerBase::EventListenerBase;

    void testCaseStarting(const Catch::TestCaseInfo& info) override { record_.start(info.name); }

    void assertionEnded(const Catch::AssertionStats& stats) override {
        if (stats.assertionResult.getResultType() == Catch::ResultWas::ExplicitSkip) {
            record_.skip(std::string(stats.assertionResult.getMessage()));
        }
    }

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        record_.end(stats.testInfo->name, stats.totals.assertions.failed == 0);
    }

private:
    slipway::tests::TestRecord record_;
};

CATCH_REGISTER_LISTENER(Listener)

} // namespace
