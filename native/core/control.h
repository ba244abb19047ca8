// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace vmbuddies {

/// What other threads tell a running migration, and where its own thread waits to be told. The orders may be given
/// from any thread and stay given; the waiting belongs to the migration's thread.
class Control {
   public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// What has been ordered so far.
    struct Orders {
        std::uint64_t bytes_per_second;
        std::uint64_t catch_ups = 0;  ///< how often ordered
        bool begin = false;
        bool stop_and_copy = false;
        bool commit = false;
        bool abandoned = false;  ///< pledged, and nobody is left to say how it ends
    };

    /// Error kArgument for a rate of 0, here and in set_rate().
    explicit Control(std::uint64_t bytes_per_second);

    void set_rate(std::uint64_t bytes_per_second);
    void begin();
    void catch_up();
    void stop_and_copy();
    /// Nothing after abort() or overrun().
    void commit();
    /// Nothing after commit().
    void abort();
    /// The guest has stood still for as long as it may: as abort(), but nothing after pledge().
    void overrun();
    /// Nobody will give another order: as abort(), but after pledge() the wait for the decision ends undecided.
    void abandon();
    /// From now on only commit() and abort() end the migration. False: it has been aborted, or has overrun.
    bool pledge();
    /// It ends because of overrun().
    bool overran();

    /// What is ordered now. Throws Aborted after abort().
    Orders orders();

    /// Waits until `satisfied(orders)` or `deadline`, whichever comes first. Throws Aborted as soon as abort() is
    /// called. Returns the orders, satisfying or not.
    template <class Satisfied>
    Orders wait_until(TimePoint deadline, Satisfied satisfied) {
        std::unique_lock lock(mutex_);
        wake_.wait_until(lock, deadline, [&] { return aborted_ || satisfied(orders_); });
        throw_if_aborted();
        return orders_;
    }

    /// Stopped by abort().
    std::stop_token token() const noexcept { return stop_.get_token(); }

   private:
    void throw_if_aborted() const;
    void stop(std::unique_lock<std::mutex> lock);

    std::mutex mutex_;
    std::condition_variable wake_;
    Orders orders_;
    bool pledged_ = false;
    bool aborted_ = false;
    bool overran_ = false;
    std::stop_source stop_;
};

}  // namespace vmbuddies
