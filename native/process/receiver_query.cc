// SPDX-License-Identifier: MIT
#include "process/receiver_query.h"

#include <algorithm>

#include "core/error.h"
#include "process/handshake.h"
#include "process/link.h"
#include "process/offer.h"
#include "process/wire.h"

namespace vmbuddies::process {

namespace {

/// Sends `type` with the query's uuid and what `add` puts behind it, and reads the one answer.
template <class Add>
Place ask(const ReceiverQuery& query, FrameType type, Add add, const std::stop_token& stop) {
    check_secret(query.secret);
    if (!is_uuid(query.uuid)) {
        throw Error(ErrorCode::kArgument, "ask", "A domain's uuid is 32 hexadecimal digits in lower case.");
    }
    Link link(Socket::connect(query.host, query.port, query.timeout, stop), Side::kSender, query.timeout);
    introduce(link, query.secret, query.timeout, stop);
    WireWriter question;
    question.text(query.uuid);
    add(question);
    link.send(type, question.bytes(), stop);
    const auto payload = link.expect(FrameType::kAnswer, query.timeout, stop);
    WireReader answer(payload);
    const std::uint32_t place = answer.u32();
    answer.end();
    if (place < static_cast<std::uint32_t>(Place::kRunning) || place > static_cast<std::uint32_t>(Place::kUnknown)) {
        throw Error(ErrorCode::kStream, "ask", link.peer() + " gave an answer that means nothing.");
    }
    return static_cast<Place>(place);
}

}  // namespace

Place ask_receiver(const ReceiverQuery& query, const std::stop_token& stop) {
    return ask(
        query, FrameType::kAsk,
        [&](WireWriter& question) {
            question.u64(static_cast<std::uint64_t>(std::max<std::int64_t>(query.ago.count(), 0)));
        },
        stop);
}

Place restore_memory(const ReceiverQuery& query, std::uint64_t bytes, const std::stop_token& stop) {
    return ask(
        query, FrameType::kRestore, [bytes](WireWriter& question) { question.u64(bytes); }, stop);
}

}  // namespace vmbuddies::process
