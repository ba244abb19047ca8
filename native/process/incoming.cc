// SPDX-License-Identifier: MIT
#include "process/incoming.h"

#include <algorithm>
#include <exception>

#include "core/error.h"
#include "core/stream_reader.h"
#include "process/handshake.h"
#include "process/incoming_memory.h"
#include "process/registry.h"
#include "process/wire.h"

namespace vmbuddies::process {
namespace {

using std::chrono::milliseconds;

/// How long the sender may take none of the few bytes we have to say.
constexpr milliseconds kStallTimeout(40'000);
/// For having memory in hand before the stream comes; well within any sender's patience.
constexpr milliseconds kSecureTime(2000);
/// A prepared guest is looked after this often, so that a commit does not find it dead.
constexpr milliseconds kPreparedCheckInterval(500);
/// For a guest to take memory again that was taken from it for its move.
constexpr milliseconds kRestoreMemoryTime(30'000);
constexpr std::size_t kMaxDomains = 256;
/// Two centuries of milliseconds.
constexpr std::uint64_t kMaxAgo = std::uint64_t{200} * 366 * 24 * 3600 * 1000;
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

Incoming::Incoming(Socket socket, const Shared& shared, std::atomic<Stage>& stage)
    : link_(std::move(socket), Side::kReceiver, kStallTimeout),
      shared_(shared),
      options_(shared.options),
      stage_(stage) {}

void Incoming::run(const std::stop_token& stop) {
    try {
        if (!converse(stop)) return;
    } catch (const Aborted&) {
        return give_up(stage_ == Stage::kAdmitted
                           ? "The receiver is closing."
                           : "The receiver is closing, or has too many connections that want nothing.",
                       stop);
    } catch (const std::exception& error) {
        return give_up(error.what(), stop);
    }
    try {
        constexpr std::chrono::seconds kPatience(1);
        WireWriter account;
        account.f64(domain_->await_gap(kPatience).value_or(0));
        link_.send(FrameType::kStarted, account.bytes(), {});
    } catch (const std::exception&) {
        // The guest runs here whether its sender hears of it or not.
    }
    report(ReceiverEvent::Kind::kStarted);
}

void Incoming::refuse(const std::string& reason) { say_no(reason); }

/// True once the domain runs here; false if all is said.
bool Incoming::converse(const std::stop_token& stop) {
    const Frame hello = hear_within_hello_timeout("Hello", stop);
    stage_ = Stage::kGreeted;
    challenge(link_, hello, options_.secret, stop);
    const Frame request = hear_within_hello_timeout("what it wants", stop);
    stage_ = Stage::kAdmitted;
    if (request.type == FrameType::kAsk || request.type == FrameType::kRestore) {
        answer(request, stop);
        return false;
    }
    admit(request);
    restore(stop);
    await_commit(stop);
    session_->starts();
    domain_->release(offer_.name, options_.independent);
    // Before the sender hears of it: what it asks next is answered by what is true.
    session_.reset();
    share_->started();
    return true;
}

/// Both frames that a stranger may say come whole within one time-out each, however they are cut.
Frame Incoming::hear_within_hello_timeout(const char* due, const std::stop_token& stop) {
    auto frame = link_.next(options_.hello_timeout, stop);
    if (frame) return std::move(*frame);
    throw Error(
        ErrorCode::kDeadline, "hello",
        link_.peer() + " has not said " + due + " within " + std::to_string(options_.hello_timeout.count()) + " ms.");
}

/// Ask and Restore: about a domain, by its uuid.
void Incoming::answer(const Frame& question, const std::stop_token& stop) {
    WireReader wire(question.payload);
    const std::string uuid = wire.text(kUuidDigits);
    if (!is_uuid(uuid)) throw Error(ErrorCode::kArgument, "ask", "The uuid is not 32 hexadecimal digits.");
    Place place = Place::kAbsent;
    if (question.type == FrameType::kRestore) {
        place = restore_memory(wire, uuid);
    } else {
        const std::uint64_t ago = std::min(wire.u64(), kMaxAgo);
        wire.end();
        place = shared_.sessions.place_of(uuid, milliseconds(ago));
    }
    WireWriter said;
    said.u32(static_cast<std::uint32_t>(place));
    link_.send(FrameType::kAnswer, said.bytes(), stop);
    link_.finish();
    stage_ = Stage::kIdle;
    link_.await_end(kGoodbyeTimeout, stop);
}

/// Only of a guest that this receiver has started: its memory is within the budget, present or not.
Place Incoming::restore_memory(WireReader& request, const std::string& uuid) const {
    const std::uint64_t bytes = request.u64();
    request.end();
    if (!shared_.sessions.has_started(uuid)) {
        throw Error(ErrorCode::kDomainNotFound, "restore", "No domain with this uuid has started here.");
    }
    for (const DomainInfo& info : ProcessDomain::list(options_.registry)) {
        if (info.uuid != uuid || info.incoming || info.moving) continue;
        if (bytes > info.present_bytes) {
            ProcessDomain::open(options_.registry, info.name)->balloon(bytes, kRestoreMemoryTime);
        }
        return Place::kRunning;
    }
    return Place::kGone;
}

/// Everything that can be known to stand in the way is found here, before the sender has sent a page.
void Incoming::admit(const Frame& frame) {
    if (frame.type != FrameType::kOffer) {
        throw Error(ErrorCode::kStream, "offer",
                    link_.peer() + " said " + frame_name(frame.type) + " where Offer was due.");
    }
    offer_ = Offer::decode(frame.payload);
    if (shared_.sessions.count() >= kMaxDomains) {
        throw Error(ErrorCode::kState, "offer", "Too many domains are being received.");
    }
    session_.emplace(shared_.sessions.begin(offer_.uuid));
    check_name_is_free();
    share_.emplace(shared_.budget.take(offer_.uuid, offer_.memory_bytes));
    domain_ = ProcessDomain::receive(options_.registry,
                                     {.name = offer_.name,
                                      .memory_bytes = offer_.memory_bytes,
                                      .workload = offer_.workload,
                                      .guest_program = options_.guest_program},
                                     offer_.uuid);
}

/// The name may be that of the very domain that is to come: a migration within one host. It must be free at Commit.
void Incoming::check_name_is_free() const {
    for (const std::string& name : {offer_.name, offer_.name + kIncomingSuffix}) {
        try {
            const DomainInfo other = ProcessDomain::open(options_.registry, name)->info();
            if (other.uuid == offer_.uuid && !other.incoming) continue;
        } catch (const Error& error) {
            if (error.code() == ErrorCode::kDomainNotFound || error.code() == ErrorCode::kDomainGone) continue;
            throw;
        }
        throw Error(ErrorCode::kDomainExists, "offer", "There is a domain named " + name + " here.");
    }
}

void Incoming::restore(const std::stop_token& stop) {
    IncomingMemory memory(domain_->memory_fd(), {domain_->memory(), offer_.memory_bytes});
    memory.secure_ahead(offer_.present_bytes, kSecureTime, stop);
    link_.send(FrameType::kAccepted, {}, stop);
    accepted_ = true;
    report(ReceiverEvent::Kind::kAccepted);

    link_.demand(options_.min_stream_bytes, options_.stream_timeout);
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
    // Nobody can know the token who has not heard Prepared: a Commit that was sent before it, or to another, is void.
    const std::string token = random_nonce();
    WireWriter prepared;
    prepared.text(token);
    link_.send(FrameType::kPrepared, prepared.bytes(), stop);
    report(ReceiverEvent::Kind::kPrepared);
    auto heard = std::chrono::steady_clock::now();
    for (;;) {
        const auto frame = link_.next(kPreparedCheckInterval, stop);
        check_guest();
        const auto now = std::chrono::steady_clock::now();
        if (!frame) {
            if (now - heard < options_.decision_timeout) continue;
            throw Error(ErrorCode::kDeadline, "prepared",
                        link_.peer() + " has said nothing for " + std::to_string(options_.decision_timeout.count()) +
                            " ms after Prepared.");
        }
        heard = now;
        switch (frame->type) {
            case FrameType::kAlive:
                continue;
            case FrameType::kCommit:
                if (WireReader(frame->payload).text(token.size()) == token) return;
                throw Error(ErrorCode::kStream, "await", "The Commit does not answer this Prepared.");
            case FrameType::kAbort:
                throw Error(ErrorCode::kPeerRefused, "abort", "The sender has aborted.");
            default:
                throw Error(ErrorCode::kStream, "await",
                            std::string(frame_name(frame->type)) + " is no answer to Prepared.");
        }
    }
}

void Incoming::give_up(const std::string& reason, const std::stop_token& stop) {
    if (domain_) domain_->destroy();
    domain_.reset();
    share_.reset();
    session_.reset();
    say_no(reason);
    const bool evicted = stop.stop_requested() && stage_ != Stage::kAdmitted;
    stage_ = Stage::kIdle;
    if (!evicted) link_.await_end(kGoodbyeTimeout);
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
    shared_.events({.kind = kind, .domain = offer_.name, .peer = link_.peer(), .message = message, .bytes = bytes_});
}

}  // namespace vmbuddies::process
