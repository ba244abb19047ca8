// SPDX-License-Identifier: MIT
#include "addon/at_exit.h"

#include <mutex>
#include <set>
#include <utility>

namespace vmbuddies::addon {

/// All that live in this process, in whichever environment. Its own end is the exit.
class ExitList {
   public:
    static ExitList& of_process() {
        static ExitList list;
        return list;
    }

    ~ExitList() {
        std::lock_guard lock(mutex_);
        for (const AtExit* entry : entries_) entry->undo_();
    }

    void add(const AtExit* entry) {
        std::lock_guard lock(mutex_);
        entries_.insert(entry);
    }

    void remove(const AtExit* entry) {
        std::lock_guard lock(mutex_);
        entries_.erase(entry);
    }

   private:
    std::mutex mutex_;
    std::set<const AtExit*> entries_;
};

AtExit::AtExit(std::function<void()> undo) : undo_(std::move(undo)) { ExitList::of_process().add(this); }

AtExit::~AtExit() { ExitList::of_process().remove(this); }

}  // namespace vmbuddies::addon
