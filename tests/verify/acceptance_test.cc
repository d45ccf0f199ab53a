// Which signatures count, as a table of what the engine may find.

#include <string>
#include <vector>

#include "tests/catch.hh"
#include "verify/acceptance.hh"

using namespace slipway;
using namespace slipway::verify;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

Signature signature(SignatureStatus status, std::string primary = "PRIMARY") {
    Signature made;
    made.status = status;
    made.fingerprint = primary.empty() ? "STRANGER" : "SIGNER";
    made.primary = std::move(primary);
    made.hash = "SHA512";
    made.created = kNow - 1000;
    made.detail = "words of the engine";
    return made;
}

Acceptance accept(std::vector<Signature> signatures) {
    SignatureReport report;
    report.signatures = std::move(signatures);
    return accept_signatures(report, "'f.gpg'",
                             {.now = std::chrono::system_clock::from_time_t(kNow)});
}

Signature good() {
    return signature(SignatureStatus::Good);
}

} // namespace

TEST_CASE("only a good signature of a known key counts", "[verify][acceptance]") {
    REQUIRE(accept({good()}).accepted);
    CHECK(accept({good()}).accepted->primary == "PRIMARY");
    struct Row {
        SignatureStatus status;
        VerdictWord word;
        bool final;
    };
    for (const Row& row :
         {Row{SignatureStatus::Bad, VerdictWord::BadSignature, true},
          Row{SignatureStatus::UnknownKey, VerdictWord::UnknownKey, false},
          Row{SignatureStatus::ExpiredKey, VerdictWord::ExpiredKey, false},
          Row{SignatureStatus::RevokedKey, VerdictWord::RevokedKey, true},
          Row{SignatureStatus::ExpiredSignature, VerdictWord::ExpiredSignature, false},
          Row{SignatureStatus::WeakDigest, VerdictWord::WeakDigest, false},
          Row{SignatureStatus::Unsupported, VerdictWord::UnsupportedSignature, false},
          Row{SignatureStatus::Broken, VerdictWord::BadSignature, false}}) {
        const Acceptance result = accept({signature(row.status)});
        INFO(result.reason);
        CHECK_FALSE(result.accepted);
        CHECK(result.word == row.word);
        CHECK(result.final == row.final);
        // Beside a good one: a veto stays one, anything else is not held against it.
        CHECK(accept({good(), signature(row.status)}).accepted.has_value() == !row.final);
        CHECK(accept({signature(row.status), good()}).accepted.has_value() == !row.final);
        // By a key that is not ours nothing is final.
        CHECK_FALSE(accept({signature(row.status, "")}).final);
        CHECK(accept({signature(row.status, ""), good()}).accepted);
    }
}

TEST_CASE("no signature at all is a bad one", "[verify][acceptance]") {
    CHECK_FALSE(accept({}).accepted);
    CHECK(accept({}).word == VerdictWord::BadSignature);
    CHECK(accept({}).reason == "bad signature: 'f.gpg' is not a signature");
}

TEST_CASE("a good signature of a key without a certificate of ours does not count",
          "[verify][acceptance]") {
    const Acceptance result = accept({signature(SignatureStatus::Good, "")});
    CHECK_FALSE(result.accepted);
    CHECK(result.word == VerdictWord::UnknownKey);
}

TEST_CASE("what the engine calls good may be weak or lie in the future", "[verify][acceptance]") {
    Signature weak_hash = good();
    weak_hash.weak_hash = true;
    CHECK(accept({weak_hash}).word == VerdictWord::WeakDigest);
    CHECK_FALSE(accept({weak_hash}).accepted);
    Signature weak_key = good();
    weak_key.weak_key = true;
    CHECK(accept({weak_key}).word == VerdictWord::WeakDigest);
    CHECK_FALSE(accept({weak_key}).accepted);
    Signature future = good();
    future.created = kNow + 24 * 3600;
    CHECK(accept({future}).accepted);
    ++future.created;
    CHECK(accept({future}).word == VerdictWord::FutureSignature);
    CHECK_FALSE(accept({future}).accepted);
}

TEST_CASE("of several reasons the most telling is told", "[verify][acceptance]") {
    CHECK(
        accept({signature(SignatureStatus::UnknownKey, ""), signature(SignatureStatus::ExpiredKey)})
            .word == VerdictWord::ExpiredKey);
    CHECK(accept({signature(SignatureStatus::RevokedKey), signature(SignatureStatus::Bad)}).word ==
          VerdictWord::BadSignature);
}
