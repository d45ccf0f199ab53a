// A view around the view of every job: it keeps what the proofs said.

#include "cli/proof_view.hh"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::cli {
namespace {

bool is_absent(const transfer::ProofSeen& proof) {
    return proof.text.empty();
}

class ProofView final : public JobView {
public:
    ProofView(const Options& options, Console& console)
        : console_(console), absent_(options.debug ? Absent::Listed : Absent::Counted),
          legend_(options.legend), around_(make_job_view(options, console)) {}

    void show(const transfer::Event& event, TimePoint now) override {
        if (const auto* proof = std::get_if<transfer::ProofSeen>(&event)) {
            take(*proof);
        } else if (const auto* verdict = std::get_if<transfer::VerdictReached>(&event)) {
            verdict_ = relayed(verdict->text);
        }
        around_->show(event, now);
    }
    void show(const Enqueued& enqueued, TimePoint now) override { around_->show(enqueued, now); }
    void show(const Interrupted& interrupted, TimePoint now) override {
        around_->show(interrupted, now);
    }
    void canceling() override { around_->canceling(); }
    void resized() override { around_->resized(); }

    // The live line goes before anything is written below it.
    void close() override {
        around_->close();
        console_.err.drain();
        console_.out.add(proof_table(proofs_, absent_, {legend_, console_.out_is_terminal}));
        if (!verdict_.empty()) {
            console_.out.add(fmt::format("{}{}\n", proofs_.empty() ? "" : "\n", verdict_));
        }
    }

private:
    // What a second look finds stands in the place of what was found first.
    void take(const transfer::ProofSeen& proof) {
        const auto known = std::find_if(proofs_.begin(), proofs_.end(),
                                        [&](const auto& had) { return had.name == proof.name; });
        if (known == proofs_.end()) {
            proofs_.push_back(proof);
        } else {
            *known = proof;
        }
    }

    Console& console_;
    Absent absent_;
    bool legend_;
    std::unique_ptr<JobView> around_;
    std::vector<transfer::ProofSeen> proofs_;
    std::string verdict_;
};

} // namespace

std::string proof_table(const std::vector<transfer::ProofSeen>& proofs, Absent absent,
                        const TableLook& look) {
    std::vector<Row> rows;
    std::size_t left_out = 0;
    for (const transfer::ProofSeen& proof : proofs) {
        if (is_absent(proof) && absent == Absent::Counted) {
            ++left_out;
            continue;
        }
        rows.push_back({escaped(proof.name), std::to_string(proof.status),
                        is_absent(proof) ? "not there" : relayed(proof.text)});
    }
    std::string text =
        rows.empty() ? std::string() : text_table({"DOCUMENT", "ANSWER", "SAYS"}, rows, look);
    if (left_out > 0) {
        text += fmt::format("{}{} {} looked for and not there; --debug lists them\n",
                            rows.empty() ? "" : "\n", left_out,
                            left_out == 1 ? "other was" : "others were");
    }
    return text;
}

std::unique_ptr<JobView> make_proof_view(const Options& options, Console& console) {
    if (options.json != JsonForm::Off) {
        return make_job_view(options, console);
    }
    return std::make_unique<ProofView>(options, console);
}

} // namespace slipway::cli
