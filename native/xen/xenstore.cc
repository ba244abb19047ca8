// SPDX-License-Identifier: MIT
#include "xen/xenstore.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "core/error.h"

namespace vmbuddies::xen {
namespace {

/// What libxenstore hands out is the caller's to free().
struct Free {
    void operator()(void* memory) const noexcept { std::free(memory); }
};

// Others interfere with a transaction for a moment, not for a hundred times in a row.
constexpr int kTransactionAttempts = 100;

}  // namespace

Xenstore::Xenstore(const Libraries& libraries) : xen_(libraries), handle_(xen_.xs_open(0), xen_.xs_close) {
    if (!handle_) {
        throw Error(ErrorCode::kUnavailable, "xenstore", "xenstored does not answer; is it running?", errno);
    }
}

std::optional<std::string> Xenstore::read(const std::string& path, TransactionId transaction) {
    unsigned length = 0;
    const std::unique_ptr<char, Free> value(
        static_cast<char*>(xen_.xs_read(handle_.get(), transaction, path.c_str(), &length)));
    if (value) return std::string(value.get(), length);
    if (errno == ENOENT) return std::nullopt;
    fail(path + " cannot be read");
}

std::optional<std::uint64_t> Xenstore::number(const std::string& path) {
    const std::optional<std::string> text = read(path);
    if (!text) return std::nullopt;
    std::uint64_t value = 0;
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

std::vector<std::string> Xenstore::list(const std::string& path, TransactionId transaction) {
    unsigned count = 0;
    const std::unique_ptr<char*, Free> names(xen_.xs_directory(handle_.get(), transaction, path.c_str(), &count));
    if (names) return {names.get(), names.get() + count};
    if (errno == ENOENT) return {};
    fail(path + " cannot be listed");
}

void Xenstore::write(const std::string& path, const std::string& value, TransactionId transaction) {
    const auto length = static_cast<unsigned>(value.size());
    if (!xen_.xs_write(handle_.get(), transaction, path.c_str(), value.data(), length)) {
        fail(path + " cannot be written");
    }
}

bool Xenstore::transact(const std::function<bool(TransactionId)>& body) {
    for (int attempt = 0; attempt < kTransactionAttempts; ++attempt) {
        const TransactionId transaction = xen_.xs_transaction_start(handle_.get());
        if (transaction == kNoTransaction) fail("No transaction can be started");
        bool keep = false;
        try {
            keep = body(transaction);
        } catch (...) {
            xen_.xs_transaction_end(handle_.get(), transaction, true);
            throw;
        }
        if (xen_.xs_transaction_end(handle_.get(), transaction, !keep) || !keep) return keep;
        if (errno != EAGAIN) break;
    }
    fail("A transaction cannot be ended");
}

Xenstore::Watch::Watch(Xenstore& store, std::string path) : store_(store), path_(std::move(path)) {
    if (!store_.xen_.xs_watch(store_.handle_.get(), path_.c_str(), path_.c_str())) {
        store_.fail(path_ + " cannot be watched");
    }
}

Xenstore::Watch::~Watch() { store_.xen_.xs_unwatch(store_.handle_.get(), path_.c_str(), path_.c_str()); }

void Xenstore::await_change(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd changes{.fd = xen_.xs_fileno(handle_.get()), .events = POLLIN, .revents = 0};
    ::poll(&changes, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000)));
    // Which one it was does not matter: whoever waits looks at everything.
    while (std::unique_ptr<char*, Free>(xen_.xs_check_watch(handle_.get()))) {
    }
}

void Xenstore::resume_domain(std::uint32_t domid) {
    if (!xen_.xs_resume_domain(handle_.get(), domid)) fail("xenstored cannot be told that a guest runs on");
}

void Xenstore::fail(const std::string& what) const { throw Error::system("xenstore", what, errno); }

}  // namespace vmbuddies::xen
