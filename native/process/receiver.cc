// SPDX-License-Identifier: MIT
#include "process/receiver.h"

#include <atomic>
#include <exception>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "process/incoming.h"
#include "process/listener.h"
#include "process/memory_budget.h"

namespace vmbuddies::process {
namespace {

constexpr std::size_t kMaxConnections = 256;
/// How soon at the latest the thread of a connection that has ended is cleared away.
constexpr std::chrono::seconds kClearInterval(1);

}  // namespace

class Receiver::Impl {
   public:
    Impl(Options options, Incoming::Events events)
        : options_(std::move(options)),
          events_(std::move(events)),
          budget_(options_.max_memory_bytes),
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
    }

   private:
    struct Connection {
        std::atomic<bool> done = false;
        std::jthread thread;
    };

    void accept(const std::stop_token& stop) {
        for (;;) {
            try {
                connections_.remove_if([](const Connection& connection) { return connection.done.load(); });
                auto socket = listener_->accept(std::chrono::steady_clock::now() + kClearInterval, stop);
                if (socket) open(std::move(*socket));
            } catch (const Aborted&) {
                return;
            } catch (const std::exception&) {
                // No thread or no memory for one more: that connection is lost, not the others.
            }
        }
    }

    void open(Socket socket) {
        if (connections_.size() >= kMaxConnections) {
            Incoming(std::move(socket), options_, budget_, sessions_, events_)
                .refuse("Too many domains are being received.");
            return;
        }
        auto incoming = std::make_unique<Incoming>(std::move(socket), options_, budget_, sessions_, events_);
        Connection& connection = connections_.emplace_back();
        try {
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

    const Options options_;
    const Incoming::Events events_;
    MemoryBudget budget_;
    Sessions sessions_;
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
