// Without --max-size the data is bounded as a tree's is, and the disk by what the largest may have.

#include "pull/disk_meter.hh"

#include "base/error.hh"
#include "base/size.hh"

namespace slipway::pull {

DiskMeter::DiskMeter(const Budget& budget, const std::function<std::uint64_t()>& packed_bytes)
    : max_size_bytes_(budget.size_bytes != 0 ? budget.size_bytes : Budget::kDiskBytes),
      max_data_bytes_(with_defaults(budget).size_bytes), ratio_(with_defaults(budget).ratio),
      packed_bytes_(packed_bytes) {}

void DiskMeter::check_size(std::uint64_t size_bytes) const {
    if (size_bytes > max_size_bytes_) {
        throw Error(Kind::Limit,
                    "the disk is larger than {}, the limit on size; if it is meant to be so large, "
                    "raise it with --max-size",
                    format_size(max_size_bytes_));
    }
}

void DiskMeter::check_data(std::uint64_t data_bytes) const {
    if (data_bytes > max_data_bytes_) {
        throw Error(
            Kind::Limit,
            "the disk holds more than {} of data, the limit on size; if it is meant to hold "
            "so much, raise it with --max-size",
            format_size(max_data_bytes_));
    }
    if (data_bytes > Budget::kRatioFromBytes && data_bytes / ratio_ > packed_bytes_()) {
        throw Error(Kind::Limit,
                    "{} of input have become more than {} of data, and the limit on ratio is {}; "
                    "if the image is meant to pack so well, raise it with --max-ratio",
                    format_size(packed_bytes_()), format_size(data_bytes), ratio_);
    }
}

} // namespace slipway::pull
