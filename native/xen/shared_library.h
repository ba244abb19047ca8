// SPDX-License-Identifier: MIT
#pragma once
#include <string>

namespace vmbuddies::xen {

/// One of Xen's libraries, found as the dynamic linker finds it and open for the rest of the process: a thread of
/// libxenstore's may run in it to the end.
class SharedLibrary {
   public:
    /// kUnavailable, naming `package` (Debian's), if it is not there.
    SharedLibrary(std::string soname, std::string package);

    /// Points `function` to the library's function `name`. kUnavailable if it has none.
    template <class Function>
    void find(const char* name, Function*& function) const {
        function = reinterpret_cast<Function*>(symbol(name));
    }

   private:
    void* symbol(const char* name) const;

    std::string soname_;
    std::string package_;
    void* handle_;
};

}  // namespace vmbuddies::xen
