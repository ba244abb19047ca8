// SPDX-License-Identifier: MIT
#include "process/receiver.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "process/event_limit.h"
#include "process/handshake.h"
#include "process/incoming.h"
#include "process/listener.h"
#include "process/memory_budget.h"

namespace vmbuddies::process {
namespace {

using Stage = Incoming::Stage;
using std::chrono::steady_clock;

/// Connections that have said nothing, and such as have said Hello: beyond these the oldest makes way.
constexpr std::size_t kMaxIdle = 128;
constexpr std::size_t kMaxGreeted = 64;
/// With those that bring a domain (256 at the most) and those that are just ending. Beyond it the newest is turned
/// away.
constexpr std::size_t kMaxConnections = 768;
/// How soon at the latest the thread of a connection that has ended is cleared away.
constexpr std::chrono::seconds kClearInterval(1);
/// What is reported one by one; the rest in one event for each interval.
constexpr std::chrono::seconds kEventInterval(10);
constexpr std::uint64_t kMaxRefused = 20;
constexpr std::uint64_t kMaxAcceptedOrDropped = 512;

std::string address_of(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

/// Keeps strangers from filling the log: see ReceiverEvent.
class Reporter {
   public:
    explicit Reporter(Incoming::Events events) : events_(std::move(events)) {}

    void report(const ReceiverEvent& event) {
        EventLimit* const limit = limit_of(event.kind);
        if (limit != nullptr) {
            const std::lock_guard lock(mutex_);
            if (!limit->admits(steady_clock::now())) return;
        }
        events_(event);
    }
    /// What was held back; by and by, and all of it at the end.
    void report_rest(TimePoint now) {
        using Kind = ReceiverEvent::Kind;
        for (const Kind kind : {Kind::kRefused, Kind::kDropped}) {
            std::uint64_t count = 0;
            {
                const std::lock_guard lock(mutex_);
                count = limit_of(kind)->take_held_back(now);
            }
            if (count == 0) continue;
            const std::string what = kind == Kind::kRefused ? " more connections were refused."
                                                            : " more events of domains that were accepted or dropped.";
            events_({.kind = kind, .message = std::to_string(count) + what, .times = count});
        }
    }

   private:
    EventLimit* limit_of(ReceiverEvent::Kind kind) noexcept {
        switch (kind) {
            case ReceiverEvent::Kind::kRefused:
                return &refused_;
            case ReceiverEvent::Kind::kAccepted:
            case ReceiverEvent::Kind::kDropped:
                return &accepted_or_dropped_;
            case ReceiverEvent::Kind::kPrepared:
            case ReceiverEvent::Kind::kStarted:
                break;
        }
        return nullptr;
    }

    const Incoming::Events events_;
    std::mutex mutex_;
    EventLimit refused_{kMaxRefused, kEventInterval};
    EventLimit accepted_or_dropped_{kMaxAcceptedOrDropped, kEventInterval};
};

}  // namespace

class Receiver::Impl {
   public:
    Impl(Options options, Incoming::Events events)
        : options_(checked(std::move(options))),
          reporter_(std::move(events)),
          budget_(options_.registry, options_.max_memory_bytes, options_.system_root),
          sessions_(options_.registry),
          listener_(std::in_place, options_.host, options_.port),
          port_(listener_->port()),
          acceptor_([this](const std::stop_token& stop) { accept(stop); }) {}

    std::uint16_t port() const noexcept { return port_; }

    void close() noexcept {
        // Held throughout: whoever comes second also returns only when all is closed.
        const std::lock_guard lock(closing_);
        if (!listener_) return;
        acceptor_.request_stop();
        acceptor_.join();
        listener_.reset();
        for (Connection& connection : connections_) connection.thread.request_stop();
        connections_.clear();
        reporter_.report_rest(TimePoint::max());
    }

   private:
    struct Connection {
        explicit Connection(std::string address) : address(std::move(address)) {}
        const std::string address;
        std::atomic<bool> done = false;
        std::atomic<Stage> stage = Stage::kIdle;
        std::jthread thread;
    };

    static Options checked(Options options) {
        check_secret(options.secret);
        return options;
    }

    void accept(const std::stop_token& stop) {
        for (;;) {
            try {
                connections_.remove_if([](const Connection& connection) { return connection.done.load(); });
                reporter_.report_rest(steady_clock::now());
                auto socket = listener_->accept(steady_clock::now() + kClearInterval, stop);
                if (socket) open(std::move(*socket));
            } catch (const Aborted&) {
                return;
            } catch (const std::exception&) {
                // No thread or no memory for one more: that connection is lost, not the others.
            }
        }
    }

    void open(Socket socket) {
        make_room(Stage::kIdle, kMaxIdle);
        make_room(Stage::kGreeted, kMaxGreeted);
        if (connections_.size() >= kMaxConnections) {
            std::atomic<Stage> none = Stage::kIdle;
            Incoming(std::move(socket), shared_, none).refuse("There are too many connections.");
            return;
        }
        Connection& connection = connections_.emplace_back(address_of(socket.peer()));
        try {
            auto incoming = std::make_unique<Incoming>(std::move(socket), shared_, connection.stage);
            connection.thread =
                std::jthread([&connection, incoming = std::move(incoming)](const std::stop_token& stop) mutable {
                    incoming->run(stop);
                    incoming.reset();
                    connection.done = true;
                });
        } catch (...) {
            connections_.pop_back();
            throw;
        }
    }

    /// Ends the oldest connection of this stage where there are as many as there may be: the oldest of the address that
    /// has most of them, so that whoever floods us is in its own way first.
    void make_room(Stage stage, std::size_t max) {
        const auto counts = [stage](Connection& connection) {
            return connection.stage == stage && !connection.done &&
                   !connection.thread.get_stop_source().stop_requested();
        };
        if (static_cast<std::size_t>(std::ranges::count_if(connections_, counts)) < max) return;
        std::map<std::string, std::size_t> by_address;
        std::size_t most = 0;
        for (Connection& connection : connections_) {
            if (counts(connection)) most = std::max(most, ++by_address[connection.address]);
        }
        const auto oldest = std::ranges::find_if(connections_, [&](Connection& connection) {
            return counts(connection) && by_address[connection.address] == most;
        });
        if (oldest != connections_.end()) oldest->thread.request_stop();
    }

    const Options options_;
    Reporter reporter_;
    MemoryBudget budget_;
    Sessions sessions_;
    const Incoming::Events events_ = [this](const ReceiverEvent& event) { reporter_.report(event); };
    const Incoming::Shared shared_{options_, budget_, sessions_, events_};
    std::list<Connection> connections_;  ///< the acceptor's alone, and close()'s once that has ended
    std::mutex closing_;
    std::optional<Listener> listener_;  ///< until close()
    const std::uint16_t port_;
    std::jthread acceptor_;
};

Receiver::Receiver(Options options, std::function<void(const ReceiverEvent&)> events)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(events))) {}

Receiver::~Receiver() { close(); }

std::uint16_t Receiver::port() const noexcept { return impl_->port(); }

void Receiver::close() noexcept { impl_->close(); }

}  // namespace vmbuddies::process
