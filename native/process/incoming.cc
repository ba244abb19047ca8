// SPDX-License-Identifier: MIT
#include "process/incoming.h"

#include <exception>

#include "core/error.h"
#include "core/stream_reader.h"
#include "process/incoming_memory.h"
#include "process/registry.h"

namespace vmbuddies::process {
namespace {

using std::chrono::milliseconds;

/// How long the sender may take none of the few bytes we have to say.
constexpr milliseconds kStallTimeout(40'000);
/// For having memory in hand before the stream comes; well within any sender's patience.
constexpr milliseconds kSecureTime(2000);
/// A prepared guest is looked after this often, so that a commit does not find it dead.
constexpr milliseconds kPreparedCheckInterval(500);
/// For the sender to hear why it is turned away.
constexpr milliseconds kGoodbyeTimeout(1000);

/// The stream as it comes from a link, its bytes counted.
class LinkSource : public StreamReader::Source {
   public:
    LinkSource(Link& link, const std::stop_token& stop, std::uint64_t& bytes)
        : link_(link), stop_(stop), bytes_(bytes) {}

    void read(std::span<iovec> parts) override {
        for (const iovec& part : parts) bytes_ += part.iov_len;
        link_.read(parts, stop_);
    }

   private:
    Link& link_;
    const std::stop_token& stop_;
    std::uint64_t& bytes_;
};

}  // namespace

Incoming::Incoming(Socket socket, const Receiver::Options& options, MemoryBudget& budget, Sessions& sessions,
                   const Events& events)
    : link_(std::move(socket), Side::kReceiver, kStallTimeout),
      options_(options),
      budget_(budget),
      sessions_(sessions),
      events_(events) {}

void Incoming::run(const std::stop_token& stop) {
    try {
        const auto frame = link_.next(options_.hello_timeout, stop);
        if (!frame) {
            throw Error(
                ErrorCode::kDeadline, "hello",
                link_.peer() + " has not said Hello within " + std::to_string(options_.hello_timeout.count()) + " ms.");
        }
        if (answer(*frame, stop)) return;
        admit(*frame);
        restore(stop);
        await_commit(stop);
        domain_->release(hello_.name, options_.independent);
        session_->started();
        session_.reset();  // before the sender hears of it: what it asks next is answered by what is true
    } catch (const Aborted&) {
        return give_up("The receiver is closing.");
    } catch (const std::exception& error) {
        return give_up(error.what());
    }
    try {
        link_.send(FrameType::kStarted, {}, {});
    } catch (const Error&) {
        // The guest runs here whether its sender hears of it or not.
    }
    report(ReceiverEvent::Kind::kStarted);
}

void Incoming::refuse(const std::string& reason) { say_no(reason); }

bool Incoming::answer(const Frame& frame, const std::stop_token& stop) {
    if (frame.type != FrameType::kAsk) return false;
    WireReader question(frame.payload);
    const std::string uuid = question.text(kUuidDigits);
    question.end();
    if (!is_uuid(uuid)) throw Error(ErrorCode::kArgument, "ask", "The uuid is not 32 hexadecimal digits.");
    WireWriter answer;
    answer.u32(static_cast<std::uint32_t>(sessions_.place_of(uuid, options_.registry)));
    link_.send(FrameType::kAnswer, answer.bytes(), stop);
    link_.finish();
    link_.await_end(kGoodbyeTimeout);
    return true;
}

/// Everything that can be known to stand in the way is found here, before the sender has sent a page.
void Incoming::admit(const Frame& frame) {
    if (frame.type != FrameType::kHello) {
        throw Error(ErrorCode::kStream, "hello",
                    link_.peer() + " said " + frame_name(frame.type) + " where Hello was due.");
    }
    hello_ = Hello::decode(frame.payload);
    session_.emplace(sessions_.begin(hello_.uuid));
    share_.emplace(budget_.take(hello_.memory_bytes));
    check_name_is_free();
    domain_ = ProcessDomain::receive(options_.registry,
                                     {.name = hello_.name,
                                      .memory_bytes = hello_.memory_bytes,
                                      .workload = hello_.workload,
                                      .guest_program = options_.guest_program},
                                     hello_.uuid);
}

/// The name may be that of the very domain that is to come: a migration within one host. It must be free at Commit.
void Incoming::check_name_is_free() const {
    for (const std::string& name : {hello_.name, hello_.name + kIncomingSuffix}) {
        try {
            const DomainInfo other = ProcessDomain::open(options_.registry, name)->info();
            if (other.uuid == hello_.uuid && !other.incoming) continue;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::kDomainNotFound || error.code() == ErrorCode::kDomainGone) continue;
            throw;
        }
        throw Error(ErrorCode::kDomainExists, "hello", "There is a domain named " + name + " here.");
    }
}

void Incoming::restore(const std::stop_token& stop) {
    IncomingMemory memory(domain_->memory_fd(), {domain_->memory(), hello_.memory_bytes});
    memory.secure_ahead(hello_.present_bytes, kSecureTime, stop);
    link_.send(FrameType::kAccepted, {}, stop);
    accepted_ = true;
    report(ReceiverEvent::Kind::kAccepted);

    LinkSource source(link_, stop, bytes_);
    StreamReader(source, memory, stream::DomainType::kProcess, domain_->pages()).run();
    if (!memory.tail()) throw Error(ErrorCode::kStream, "tail", "The stream has no tail.");
    domain_->check_received(memory.tail()->writes);
}

void Incoming::await_commit(const std::stop_token& stop) {
    const auto check_guest = [this] {
        if (!domain_->alive()) throw Error(ErrorCode::kDomainGone, "prepared", "The prepared guest has died.");
    };
    check_guest();
    link_.send(FrameType::kPrepared, {}, stop);
    report(ReceiverEvent::Kind::kPrepared);
    for (;;) {
        const auto frame = link_.next(kPreparedCheckInterval, stop);
        check_guest();
        if (!frame) continue;
        switch (frame->type) {
            case FrameType::kCommit:
                return;
            case FrameType::kAbort:
                throw Error(ErrorCode::kPeerRefused, "abort", "The sender has aborted.");
            default:
                throw Error(ErrorCode::kStream, "await",
                            std::string(frame_name(frame->type)) + " is no answer to Prepared.");
        }
    }
}

void Incoming::give_up(const std::string& reason) {
    if (domain_) domain_->destroy();
    domain_.reset();
    share_.reset();
    session_.reset();
    say_no(reason);
    link_.await_end(kGoodbyeTimeout);
}

void Incoming::say_no(const std::string& reason) {
    report(accepted_ ? ReceiverEvent::Kind::kDropped : ReceiverEvent::Kind::kRefused, reason);
    try {
        link_.send_reason(accepted_ ? FrameType::kFailed : FrameType::kRefused, reason, {});
    } catch (const Error&) {
        // It will see the connection end.
    }
    link_.finish();
}

void Incoming::report(ReceiverEvent::Kind kind, const std::string& message) const {
    events_({.kind = kind, .domain = hello_.name, .peer = link_.peer(), .message = message, .bytes = bytes_});
}

}  // namespace vmbuddies::process
