// SPDX-License-Identifier: MIT
#include "xen/shared_library.h"

#include <dlfcn.h>

#include <utility>

#include "core/error.h"

namespace vmbuddies::xen {

SharedLibrary::SharedLibrary(std::string soname, std::string package)
    : soname_(std::move(soname)),
      package_(std::move(package)),
      handle_(::dlopen(soname_.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ != nullptr) return;
    throw Error(ErrorCode::kUnavailable, "open Xen",
                "Xen's library " + soname_ + " cannot be loaded; in Debian it is in the package " + package_ + " (" +
                    ::dlerror() + ").");
}

void* SharedLibrary::symbol(const char* name) const {
    if (void* const found = ::dlsym(handle_, name)) return found;
    throw Error(ErrorCode::kUnavailable, "open Xen",
                "Xen's library " + soname_ + " has no function " + name + "; the package " + package_ +
                    " does not fit the hypervisor.");
}

}  // namespace vmbuddies::xen
