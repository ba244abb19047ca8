// SPDX-License-Identifier: MIT
#include "xen/rename.h"

#include "xen/connections.h"

namespace vmbuddies::xen {

// The two nodes that libxl_domain_rename() writes. The names of the others are read in the same transaction, so that of
// two who take one name at the same moment one has to look again.
void rename_guest(XenDomain::Connections& guest, const std::string& name) {
    constexpr const char* kOperation = "rename";
    if (name.empty()) throw Error(ErrorCode::kArgument, kOperation, "A guest's name cannot be empty.");
    guest.require_alive(kOperation);
    Xenstore& store = guest.store();
    const std::string own_domid = std::to_string(guest.domid());
    store.transact([&](Xenstore::TransactionId transaction) {
        for (const std::string& domid : store.list("/local/domain", transaction)) {
            if (domid == own_domid || store.read("/local/domain/" + domid + "/name", transaction) != name) continue;
            throw Error(ErrorCode::kDomainExists, kOperation, "There is a domain " + name + " on this host already.");
        }
        store.write(guest.path("name"), name, transaction);
        store.write("/vm/" + guest.uuid() + "/name", name, transaction);
        return true;
    });
    guest.set_name(name);
}

}  // namespace vmbuddies::xen
