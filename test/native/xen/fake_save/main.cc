// SPDX-License-Identifier: MIT
// A vmbuddies-xen-save without Xen: a guest of 8 pages of which 5 are present, two of them dirty after every round. The
// environment variable VMBUDDIES_FAKE_SAVE, "DEED PLACE", makes it do something else at that place.
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/stream_writer.h"
#include "xen/save/starter.h"

namespace {

using namespace vmbuddies;
using namespace vmbuddies::xen::save;

const std::string kWish = std::getenv("VMBUDDIES_FAKE_SAVE") != nullptr ? std::getenv("VMBUDDIES_FAKE_SAVE") : "";

[[noreturn]] void sleep_for_ever() {
    for (;;) ::pause();
}

void at(const std::string& place) {
    if (!kWish.ends_with(" " + place)) return;
    const std::string deed = kWish.substr(0, kWish.find(' '));
    if (deed == "exit") std::exit(3);
    if (deed == "leave") std::exit(0);
    if (deed == "die") ::raise(SIGKILL);
    if (deed == "complain") {
        std::fputs("The hypervisor\tsaid no (22 = Invalid argument)\nSave failed\n", stderr);
        std::exit(1);
    }
    if (deed == "babble") ::send(STDIN_FILENO, "What?", 5, MSG_NOSIGNAL);
    if (deed == "modernise") {
        const Request request{kVersion + 1, Question::kSuspend, 0};
        ::send(STDIN_FILENO, &request, sizeof request, MSG_NOSIGNAL);
    }
    if (deed == "spill" && ::write(STDOUT_FILENO, "a warning that does not belong here, as long as a header", 56) < 0) {
        std::exit(4);
    }
    if (deed == "hang") sleep_for_ever();
}

void write_all(std::span<const iovec> parts) {
    for (const iovec& part : parts) {
        for (std::size_t done = 0; done < part.iov_len;) {
            const ssize_t length =
                ::write(STDOUT_FILENO, static_cast<char*>(part.iov_base) + done, part.iov_len - done);
            if (length <= 0) std::exit(1);
            done += static_cast<std::size_t>(length);
        }
    }
}

class FakeSave {
   public:
    int run(bool verify) {
        at("head");
        stream_.headers(stream::DomainType::kX86Hvm, 4, 17);
        stream_.record(stream::RecordType::kStaticDataEnd, {});
        if (!precopy()) return give_up();
        at("suspend");
        if (starter_.ask(Question::kSuspend, 0, kNotSuspended) != kSuspended) return give_up();
        at("tail");
        pages({1});
        if (verify) {
            stream_.record(stream::RecordType::kVerify, {});
            pages({0, 1, 2, 3, 6});
        }
        stream_.end();
        at("end");
        return 0;
    }

   private:
    bool precopy() {
        std::uint64_t to_send = 8;
        for (int round = 0;; ++round) {
            at("before-round");
            if (starter_.ask(Question::kBeforeRound, to_send, kAbort) == kAbort) return false;
            at("round");
            // Page numbers without a page are in libxenguest's stream.
            round == 0 ? pages({0, 1, 2, 3, 6}, {4, 5, 7}) : pages({1, 2});
            at("after-round");
            const std::int32_t answer = starter_.ask(Question::kAfterRound, 0, kAbort);
            if (answer != kContinue) return answer == kStopAndCopy;
            to_send = 2;
        }
    }

    void pages(const std::vector<Pfn>& present, const std::vector<Pfn>& absent = {}) {
        std::vector<StreamWriter::Page> entries;
        for (const Pfn page : present) entries.push_back({page, page_.data(), stream::PageType::kNormal});
        for (const Pfn page : absent) entries.push_back({page, nullptr, stream::PageType::kInvalid});
        stream_.pages(entries);
    }

    static int give_up() {
        std::fputs("Abort precopy loop\n", stderr);
        return 1;
    }

    Starter starter_;
    StreamWriter stream_{write_all};
    std::vector<std::byte> page_ = std::vector<std::byte>(kPageSize);
};

}  // namespace

int main(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN);
    return FakeSave().run(count == 3 && std::string(arguments[2]) == kVerifyArgument);
}
