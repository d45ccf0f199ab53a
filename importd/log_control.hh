// org.freedesktop.LogControl1 (org.freedesktop.LogControl1(5)): how much is logged, and where to.

#pragma once

#include "base/bus_object.hh"
#include "jobs/journal.hh"

namespace slipway::importd {

class LogControl {
public:
    /// @param connection  must outlive this, as must `journal`, which is changed by callers whom
    ///                    the bus's policy lets
    LogControl(bus::Connection& connection, jobs::Journal& journal);

private:
    bus::Object object_;
};

} // namespace slipway::importd
