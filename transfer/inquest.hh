// By what the files of one pull are judged: the request's policy, the keys of this host, the
// publishers' profiles, and the newest signatures that were accepted before.

#pragma once

#include <vector>

#include "base/url.hh"
#include "transfer/job.hh"
#include "transfer/newest.hh"
#include "verify/checker.hh"
#include "verify/judge.hh"
#include "verify/key_store.hh"
#include "verify/policy.hh"
#include "verify/publisher_profile.hh"

namespace slipway::transfer {

class Inquest {
public:
    /// Reads keys' drop-ins and profiles; warns of those that are wrong.
    /// @throws Error  InvalidArgument: --verify, --checksum-url or --signature-url
    explicit Inquest(const Job& job);

    const verify::Policy& policy() const noexcept { return policy_; }
    const verify::SignatureChecker& checker() const noexcept { return checker_; }

    /// A judge for the image.
    verify::Judge judge(const Url& image) const;
    /// A judge for a file beside it: the URLs that replace the search are the image's alone.
    verify::Judge judge_sibling(const Url& sibling) const;

    /// Warns, or refuses where that is asked for, when a newer signature was accepted before.
    /// @throws Error  stale
    void check_freshness(const verify::Statement& statement) const;
    /// To be called once the image is stored. That it cannot be kept is no more than a debug line.
    void remember(const verify::Statement& statement) const;

private:
    verify::Inquiry inquiry(const Url& file) const;

    const Job& job_;
    verify::Policy policy_;
    verify::KeyStore keys_;
    verify::PublisherProfiles profiles_;
    verify::SignatureChecker checker_;
    NewestSignatures newest_;
};

} // namespace slipway::transfer
