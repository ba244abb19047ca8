// SPDX-License-Identifier: MIT
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "core/unique_fd.h"

namespace vmbuddies::process {

inline constexpr char kIncomingSuffix[] = "--incoming";
/// What a suspended source is called while its copy has its name, as in xl.
inline constexpr char kMovedAwaySuffix[] = "--migratedaway";

/// kArgument unless `name` is one a domain can be given: 1..64 of [A-Za-z0-9._-], not starting with '.' or '-', not
/// ending as a migration marks its two copies. Every such name leaves room for either mark.
void check_domain_name(const std::string& name);

/// A folder with one file per domain, named as the domain: one such folder is one "host". The file's descriptor, with
/// an exclusive flock() on it, belongs to the guest alone, so the lock tells that the guest lives, and goes
/// with it however it ends. Looking takes a shared lock, so that two who look at once do not take each other for a
/// guest. An entry found dead is removed under the folder's own lock, which keeps a new entry of that name from being
/// removed instead.
class Registry {
   public:
    /// What an entry says, and the file it says it in.
    struct Entry {
        int pid = 0;
        int memory_fd = -1;  ///< numbers in the guest, for /proc/PID/fd/N
        int control_fd = -1;
        dev_t device = 0;
        ino_t inode = 0;
    };
    /// An entry of a domain that is still being started: locked, but not to be found.
    struct Draft {
        std::string hidden_name;
        UniqueFd file;
    };

    /// Makes the folder, mode 0700, if it is missing. kArgument if it is not a folder of ours that only we can write.
    explicit Registry(const std::string& path);

    /// kDomainExists if a living domain, or an incoming one, has this name.
    void check_free(const std::string& name) const;
    Draft draft(const std::string& name) const;
    /// Gives a draft its content and its name. kDomainExists. The caller must then close its descriptor on the draft:
    /// it holds the guest's lock.
    void publish(const Draft& draft, const Entry& entry, const std::string& name) const;
    void discard(const Draft& draft) const noexcept;

    /// kDomainNotFound if there is no such entry, or it is not one.
    Entry find(const std::string& name) const;
    /// The names of all living entries, sorted.
    std::vector<std::string> names() const;

    /// kDomainExists if `to` is taken, kDomainNotFound if `from` is no longer the name of `entry`.
    void rename(const std::string& from, const std::string& to, const Entry& entry) const;
    void remove_if_dead(const std::string& name) const noexcept;

   private:
    bool alive(const std::string& name) const;
    bool move(const std::string& from, const std::string& to) const;

    std::string path_;
    UniqueFd folder_;
};

}  // namespace vmbuddies::process
