// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>

#include "core/domain.h"
#include "core/error.h"
#include "core/stream_writer.h"

namespace vmbuddies::test {

/// What happens to a migration from outside, called with each call's name before it is carried out: a hook may write
/// to the guest, give an order, or throw.
using Script = std::function<void(const std::string& call)>;

/// A guest in this process's memory, with an exact dirty log and a script.
class ScriptedDomain : public Domain {
   public:
    ScriptedDomain(Pfn end_pfn, Script& script)
        : present(end_pfn),
          script_(script),
          memory_(static_cast<std::byte*>(std::calloc(end_pfn + 1, kPageSize)), std::free),
          dirty_(end_pfn) {
        present.set_range(0, end_pfn);
    }

    /// The guest writes: fills the page with `value`. Not while it is suspended.
    void write(Pfn page, unsigned char value) {
        const std::lock_guard lock(mutex);
        if (suspended) throw std::logic_error("a suspended guest wrote");
        std::memset(memory_.get() + page * kPageSize, value, kPageSize);
        present.set(page);
        if (logging) dirty_.set(page);
    }
    void write_range(Pfn first, Pfn last, unsigned char value) {
        for (Pfn page = first; page < last; ++page) write(page, value);
    }
    const std::byte* page(Pfn page) const { return memory_.get() + page * kPageSize; }

    Pfn end_pfn() override { return call("end_pfn"), present.size(); }
    void present_pages(Bitmap& out) override {
        call("present_pages");
        const std::lock_guard lock(mutex);
        out = present;
    }
    void enable_dirty_log() override {
        call("enable_dirty_log");
        const std::lock_guard lock(mutex);
        logging = true;
        dirty_.clear_all();
    }
    std::uint64_t dirty_count() override {
        call("dirty_count");
        const std::lock_guard lock(mutex);
        return dirty_.count();
    }
    void peek_dirty(Pfn first, Pfn last, Bitmap& out) override {
        call("peek_dirty");
        const std::lock_guard lock(mutex);
        out.clear_range(first, last);
        dirty_.for_each_run([&](Pfn at, std::uint64_t count) { out.set_range(at, at + count); }, first, last);
    }
    void clean_dirty(Bitmap& out, Clean clean) override {
        call(clean == Clean::kFinal ? "clean_dirty(final)" : "clean_dirty(live)");
        const std::lock_guard lock(mutex);
        out.merge(dirty_);
        dirty_.clear_all();
    }
    void disable_dirty_log() noexcept override {
        const std::lock_guard lock(mutex);
        logging = false;
    }
    void map_pages(std::span<const Pfn> pages, std::span<const std::byte*> out) override {
        call("map_pages");
        for (std::size_t i = 0; i < pages.size(); ++i)
            out[i] = unmappable.contains(pages[i]) ? nullptr : page(pages[i]);
    }
    void suspend(std::chrono::milliseconds) override {
        call("suspend");
        const std::lock_guard lock(mutex);
        suspended = true;
    }
    std::optional<double> resume() override {
        call("resume");
        const std::lock_guard lock(mutex);
        suspended = false;
        return gap_seconds;
    }
    void write_head(StreamWriter& stream) override {
        call("write_head");
        stream.headers(stream::DomainType::kProcess);
        stream.record(stream::RecordType::kStaticDataEnd, {});
    }
    void write_tail(StreamWriter& stream) override {
        call("write_tail");
        stream.record(stream::RecordType::kProcessTail, std::as_bytes(std::span("tail", 4)));
    }

    Bitmap present;
    std::set<Pfn> unmappable;
    bool logging = false;
    bool suspended = false;
    std::optional<double> gap_seconds;  ///< the guest's own account
    /// Guards memory and log, for guests that write from a thread of their own.
    std::mutex mutex;

   private:
    void call(const std::string& name) {
        if (script_) script_(name);
    }

    Script& script_;
    /// From calloc, so that large guests cost nothing where they are not touched.
    std::unique_ptr<std::byte[], decltype(&std::free)> memory_;
    Bitmap dirty_;
};

}  // namespace vmbuddies::test
