{
  # What users build at install: the addon and the guest program. CMakeLists.txt builds the same sources for developers.
  "target_defaults": {
    "cflags_cc!": ["-std=gnu++17", "-fno-exceptions", "-fno-rtti"],
    "cflags_cc": ["-std=gnu++20", "-O2", "-fPIC", "-fexceptions", "-Wall", "-Wextra", "-Wno-missing-field-initializers"],
    "include_dirs": ["native"],
  },
  "targets": [
    {
      "target_name": "vmbuddies-native",
      "type": "static_library",
      "sources": ["<!@(node scripts/sources.mjs native/core native/process native/xen)"],
    },
    {
      "target_name": "vmbuddies",
      "sources": ["<!@(node scripts/sources.mjs native/addon)"],
      "dependencies": ["vmbuddies-native", "<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except"],
      "defines": ["NAPI_VERSION=9", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "libraries": ["-ldl"],
    },
    {
      "target_name": "vmbuddies-guest",
      "type": "executable",
      "sources": ["<!@(node scripts/sources.mjs native/process/guest)"],
      "dependencies": ["vmbuddies-native"],
      "ldflags": ["-pthread"],
    },
    {
      "target_name": "vmbuddies-xen-save",
      "type": "executable",
      "sources": ["<!@(node scripts/sources.mjs native/xen/save)"],
      "dependencies": ["vmbuddies-native"],
      "ldflags": ["-pthread"],
      "libraries": ["-ldl"],
    },
  ],
}
