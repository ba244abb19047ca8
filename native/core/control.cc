// SPDX-License-Identifier: MIT
#include "control.h"

#include <utility>

#include "error.h"

namespace vmbuddies {
namespace {

std::uint64_t checked(std::uint64_t bytes_per_second) {
    if (bytes_per_second > 0) return bytes_per_second;
    throw Error(ErrorCode::kArgument, "set rate", "A rate must be at least 1 byte per second.");
}

}  // namespace

Control::Control(std::uint64_t bytes_per_second) : orders_{.bytes_per_second = checked(bytes_per_second)} {}

void Control::set_rate(std::uint64_t bytes_per_second) {
    checked(bytes_per_second);
    const std::lock_guard lock(mutex_);
    orders_.bytes_per_second = bytes_per_second;
    wake_.notify_all();
}

void Control::begin() {
    const std::lock_guard lock(mutex_);
    orders_.begin = true;
    wake_.notify_all();
}

void Control::catch_up() {
    const std::lock_guard lock(mutex_);
    ++orders_.catch_ups;
    wake_.notify_all();
}

void Control::stop_and_copy() {
    const std::lock_guard lock(mutex_);
    orders_.stop_and_copy = true;
    wake_.notify_all();
}

void Control::commit() {
    const std::lock_guard lock(mutex_);
    if (aborted_) return;
    pledged_ = true;
    orders_.commit = true;
    wake_.notify_all();
}

void Control::abort() {
    std::unique_lock lock(mutex_);
    if (!orders_.commit) stop(std::move(lock));
}

void Control::overrun() {
    std::unique_lock lock(mutex_);
    if (pledged_ || aborted_) return;
    overran_ = true;
    stop(std::move(lock));
}

void Control::abandon() {
    std::unique_lock lock(mutex_);
    if (!pledged_) return stop(std::move(lock));
    orders_.abandoned = true;
    wake_.notify_all();
}

bool Control::pledge() {
    const std::lock_guard lock(mutex_);
    pledged_ = !aborted_;
    return pledged_;
}

bool Control::overran() {
    const std::lock_guard lock(mutex_);
    return overran_;
}

void Control::stop(std::unique_lock<std::mutex> lock) {
    aborted_ = true;
    wake_.notify_all();
    lock.unlock();
    stop_.request_stop();  // outside the lock: the token's callbacks are others' code
}

Control::Orders Control::orders() {
    const std::lock_guard lock(mutex_);
    throw_if_aborted();
    return orders_;
}

void Control::throw_if_aborted() const {
    if (aborted_) throw Aborted{};
}

}  // namespace vmbuddies
