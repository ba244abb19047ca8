// SPDX-License-Identifier: MIT
#pragma once
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "core/error.h"
#include "process/process_domain.h"

namespace vmbuddies::process::test {

using namespace std::chrono_literals;

/// Far longer than anything takes; what waits this long has failed.
inline constexpr std::chrono::milliseconds kPatience = 20s;

/// Waits until `condition` holds; false if it never did.
inline bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

/// The code of the Error that `call` throws; fails the test by its own exception if it throws none.
inline ErrorCode error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.code();
    }
    throw std::logic_error("an Error was expected");
}

/// A steady workload small enough to be followed page by page.
inline Workload steady(std::uint64_t used_pages = 300, std::uint64_t wws_pages = 64) {
    Workload workload;
    workload.kind = WorkloadKind::kSteady;
    workload.seed = 42;
    workload.used_pages = used_pages;
    workload.wws_pages = wws_pages;
    workload.hot_pages = wws_pages / 4;
    workload.hot_writes_per_second = 3000;
    workload.cold_writes_per_second = 1000;
    return workload;
}

inline Workload idle(std::uint64_t used_pages = 300) {
    Workload workload;
    workload.used_pages = used_pages;
    return workload;
}

/// A registry folder of its own, emptied of its domains and removed at the end.
class Host {
   public:
    Host() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vmbuddies-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = pattern;
    }
    ~Host() {
        for (const DomainInfo& info : ProcessDomain::list(registry())) {
            try {
                open(info.name)->destroy();
            } catch (const Error&) {
                // It was dying already.
            }
        }
        std::filesystem::remove_all(path_);
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    std::string registry() const { return path_ / "domains"; }

    static StartOptions options(const std::string& name, const Workload& workload,
                                std::uint64_t memory_bytes = std::uint64_t{2} << 20) {
        StartOptions options;
        options.name = name;
        options.memory_bytes = memory_bytes;
        options.workload = workload;
        options.guest_program = VMBUDDIES_GUEST;
        return options;
    }
    std::unique_ptr<ProcessDomain> start(const std::string& name, const Workload& workload) const {
        return ProcessDomain::start(registry(), options(name, workload));
    }
    std::unique_ptr<ProcessDomain> open(const std::string& name) const { return ProcessDomain::open(registry(), name); }
    bool has(const std::string& name) const {
        for (const DomainInfo& info : ProcessDomain::list(registry())) {
            if (info.name == name) return true;
        }
        return false;
    }

   private:
    std::filesystem::path path_;
};

/// Lets a domain make at least `writes` more page writes.
inline bool let_write(const ProcessDomain& domain, std::uint64_t writes) {
    const std::uint64_t goal = domain.info().writes + writes;
    return eventually([&] { return domain.info().writes >= goal; });
}

}  // namespace vmbuddies::process::test
