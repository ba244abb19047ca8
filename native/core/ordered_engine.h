// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <cstdint>

#include "control.h"
#include "engine.h"

namespace vmbuddies {

/// What every engine does alike: its orders go into a Control, and its run is made once.
class OrderedEngine : public Engine {
   public:
    Outcome run() final;
    void set_rate(std::uint64_t bytes_per_second) final { control_.set_rate(bytes_per_second); }
    void begin() final { control_.begin(); }
    void catch_up() final { control_.catch_up(); }
    void stop_and_copy() final { control_.stop_and_copy(); }
    bool pledge() final { return control_.pledge(); }
    void commit() final { control_.commit(); }
    void abort() final { control_.abort(); }
    void abandon() final { control_.abandon(); }

    OrderedEngine(const OrderedEngine&) = delete;
    OrderedEngine& operator=(const OrderedEngine&) = delete;

   protected:
    /// Error kArgument for a rate of 0.
    explicit OrderedEngine(std::uint64_t bytes_per_second) : control_(bytes_per_second) {}

    /// The one run, under these orders.
    virtual Outcome run_once(Control& control) = 0;

   private:
    Control control_;
    std::atomic<bool> started_ = false;
};

}  // namespace vmbuddies
