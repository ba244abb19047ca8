// SPDX-License-Identifier: MIT
#pragma once
#include <doctest/doctest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "caught.h"
#include "core/stream_writer.h"
#include "host.h"
#include "loopback.h"
#include "process/handshake.h"
#include "process/memory_budget.h"
#include "process/offer.h"
#include "process/process_tail.h"
#include "process/receiver.h"

namespace vmbuddies::process::test {

/// What a receiver has reported, from all its threads.
class Events {
   public:
    void add(const ReceiverEvent& event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(event);
        added_.notify_all();
    }
    /// The first event of this kind (or this one), once there is one; fails the test if there is none in time.
    ReceiverEvent await(ReceiverEvent::Kind kind, std::optional<ReceiverEvent::Kind> or_kind = {}) {
        std::unique_lock lock(mutex_);
        ReceiverEvent found;
        const bool came = added_.wait_for(lock, kPatience, [&] {
            for (const ReceiverEvent& event : events_) {
                if (event.kind != kind && event.kind != or_kind) continue;
                found = event;
                return true;
            }
            return false;
        });
        REQUIRE_MESSAGE(came, "the receiver never reported event " << static_cast<int>(kind));
        return found;
    }
    std::vector<ReceiverEvent> all() const {
        const std::lock_guard lock(mutex_);
        return events_;
    }
    std::vector<ReceiverEvent::Kind> kinds() const {
        const std::lock_guard lock(mutex_);
        std::vector<ReceiverEvent::Kind> kinds;
        for (const ReceiverEvent& event : events_) kinds.push_back(event.kind);
        return kinds;
    }
    void clear() {
        const std::lock_guard lock(mutex_);
        events_.clear();
    }

   private:
    mutable std::mutex mutex_;
    std::condition_variable added_;
    std::vector<ReceiverEvent> events_;
};

/// A host with a receiver on it.
struct ReceivingHost {
    explicit ReceivingHost(std::uint64_t max_memory_bytes = 64 << 20, std::chrono::milliseconds hello_timeout = 10s)
        : ReceivingHost(Receiver::Options{.max_memory_bytes = max_memory_bytes, .hello_timeout = hello_timeout}) {}
    /// The registry and the guest program are the host's.
    explicit ReceivingHost(Receiver::Options wanted) : options(std::move(wanted)) {
        options.registry = host.registry();
        options.guest_program = VMBUDDIES_GUEST;
        receiver = std::make_unique<Receiver>(options, [this](const ReceiverEvent& event) { events.add(event); });
    }

    Socket dial() const { return Socket::connect("127.0.0.1", receiver->port(), 5s, {}); }
    bool is_empty() const { return ProcessDomain::list(host.registry()).empty(); }

    Host host;
    Events events;
    Receiver::Options options;
    std::unique_ptr<Receiver> receiver;
};

/// A sender that says what the test wants it to.
class ScriptedSender {
   public:
    explicit ScriptedSender(const ReceivingHost& to) : ScriptedSender(to.dial()) {}
    explicit ScriptedSender(Socket socket) : link(std::move(socket), Side::kSender, 5s) {}

    void say(FrameType type, std::span<const std::byte> payload = {}) { link.send(type, payload, {}); }
    void expect(FrameType type) {
        const auto payload = link.expect(type, kPatience, {});
        if (type == FrameType::kPrepared) token.assign(payload.begin(), payload.end());
    }
    void greet(const std::string& secret = {}) { introduce(link, secret, kPatience, {}); }
    void hello(const Offer& offer, const std::string& secret = {}) {
        greet(secret);
        say(FrameType::kOffer, offer.encode().bytes());
    }
    void hello(const DomainInfo& domain, const std::string& secret = {}) { hello(Offer::of(domain), secret); }
    void commit() { say(FrameType::kCommit, token); }

    void begin(stream::DomainType type = stream::DomainType::kProcess) {
        writer.headers(type);
        writer.record(stream::RecordType::kStaticDataEnd, {});
    }
    /// The pages [first, last) of a domain that stands still.
    void pages(const ProcessDomain& domain, Pfn first, Pfn last) {
        while (first < last) {
            std::vector<StreamWriter::Page> batch;
            for (; first < last && batch.size() < 64; ++first) {
                batch.push_back({first, domain.memory() + (first << kPageShift), stream::PageType::kNormal});
            }
            writer.pages(batch);
        }
    }
    void tail(std::uint64_t writes) {
        writer.record(stream::RecordType::kProcessTail, ProcessTail{.writes = writes}.encode().bytes());
    }
    void whole_stream(const ProcessDomain& domain) {
        begin();
        pages(domain, 0, domain.pages());
        tail(domain.info().writes);
        writer.end();
    }

    /// What the receiver says no with, once it does.
    doctest::String refusal() {
        const Error error = caught([&] { link.next(kPatience, {}); });
        CHECK(error.code() == ErrorCode::kPeerRefused);
        return error.what();
    }

    Link link;
    std::vector<std::byte> token;  ///< of Prepared, as it is said back
    StreamWriter writer{[this](std::span<const iovec> parts) { link.write(parts, {}); }};
};

/// A domain that stands still, with a host of its own.
struct StillDomain {
    StillDomain() {
        let_write(*domain, 200);
        domain->suspend(kPatience);
    }
    Host host;
    std::unique_ptr<ProcessDomain> domain = host.start("web", steady());
};

}  // namespace vmbuddies::process::test
