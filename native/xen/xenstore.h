// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "xen/libraries.h"

namespace vmbuddies::xen {

/// A connection to xenstore: for one thread. Error kUnavailable if xenstored does not answer at first, kSystem later.
class Xenstore {
   public:
    using TransactionId = std::uint32_t;
    static constexpr TransactionId kNoTransaction = 0;

    explicit Xenstore(const Libraries& libraries);

    /// std::nullopt for a node that does not exist.
    std::optional<std::string> read(const std::string& path, TransactionId transaction = kNoTransaction);
    /// A node that holds a whole number, and nothing else; std::nullopt if it does not.
    std::optional<std::uint64_t> number(const std::string& path);
    /// Names of the node's children; none if it does not exist.
    std::vector<std::string> list(const std::string& path, TransactionId transaction = kNoTransaction);
    void write(const std::string& path, const std::string& value, TransactionId transaction = kNoTransaction);

    /// Runs `body` inside a transaction, again when others have interfered. The transaction takes effect if body
    /// returns true; then so does this.
    bool transact(const std::function<bool(TransactionId)>& body);

    /// Watches a node, or "@releaseDomain", which stands for any guest's shutdown, as long as it lives.
    class Watch {
       public:
        Watch(Xenstore& store, std::string path);
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch();

       private:
        Xenstore& store_;
        std::string path_;
    };
    /// Returns when something watched may have changed, or at `deadline`.
    void await_change(std::chrono::steady_clock::time_point deadline);

    /// Tells xenstored that a guest it has seen suspend runs on here (xs_resume_domain).
    void resume_domain(std::uint32_t domid);

   private:
    [[noreturn]] void fail(const std::string& what) const;

    const Libraries& xen_;
    std::unique_ptr<abi::XsHandle, void (*)(abi::XsHandle*)> handle_;
};

}  // namespace vmbuddies::xen
