// SPDX-License-Identifier: MIT
#pragma once
#include <functional>
#include <string>

#include "../core/scripted_domain.h"
#include "xen/saved_guest.h"

namespace vmbuddies::test {

/// A guest as the libxenguest engine sees it, obeying a script.
class FakeGuest : public xen::SavedGuest {
   public:
    explicit FakeGuest(Script& script) : script_(script) {}

    void require_alive() override { call("require_alive"); }
    std::uint64_t present_pages() override { return call("present_pages"), 5; }
    void enable_dirty_log() override { call("enable_dirty_log"), logging = true; }
    std::uint64_t dirty_count() override { return call("dirty_count"), dirty_pages; }
    void disable_dirty_log() noexcept override { logging = false; }
    void suspend(std::chrono::milliseconds) override { call("suspend"), suspended = true; }
    void resume() override { call("resume"), suspended = false; }

    std::uint64_t dirty_pages = 2;
    bool logging = false;
    bool suspended = false;

   private:
    void call(const std::string& name) {
        if (script_) script_(name);
    }

    Script& script_;
};

}  // namespace vmbuddies::test
