// SPDX-License-Identifier: MIT
#include "process/receiver_query.h"

#include "core/error.h"
#include "process/hello.h"
#include "process/link.h"

namespace vmbuddies::process {

Place ask_receiver(const ReceiverQuery& query, const std::stop_token& stop) {
    if (!is_uuid(query.uuid)) {
        throw Error(ErrorCode::kArgument, "ask", "A domain's uuid is 32 hexadecimal digits in lower case.");
    }
    Link link(Socket::connect(query.host, query.port, query.timeout, stop), Side::kSender, query.timeout);
    WireWriter question;
    question.text(query.uuid);
    link.send(FrameType::kAsk, question.bytes(), stop);
    const auto payload = link.expect(FrameType::kAnswer, query.timeout, stop);
    WireReader answer(payload);
    const std::uint32_t place = answer.u32();
    answer.end();
    if (place < static_cast<std::uint32_t>(Place::kRunning) || place > static_cast<std::uint32_t>(Place::kAbsent)) {
        throw Error(ErrorCode::kStream, "ask", link.peer() + " gave an answer that means nothing.");
    }
    return static_cast<Place>(place);
}

}  // namespace vmbuddies::process
