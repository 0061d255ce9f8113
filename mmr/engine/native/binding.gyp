{
  "variables": {
    # -Dzonecast_sanitize=1 for npm run test:asan
    "zonecast_sanitize%": 0
  },
  "targets": [
    {
      "target_name": "zonecast-engine",
      "sources": [
        "addon.cc",
        "addon-dtls.cc",
        "addon-engine.cc",
        "addon-srtp.cc",
        "addon-tcp.cc",
        "dtls.cc",
        "dtls-established.cc",
        "dtls-record.cc",
        "egress.cc",
        "engine.cc",
        "reply-addresses.cc",
        "srtp-cipher.cc",
        "srtp-session.cc",
        "transport-table.cc",
        "udp-socket.cc"
      ],
      "defines": ["NAPI_VERSION=8", "_GNU_SOURCE"],
      # Node's headers are not ours to warn about: gyp adds them with -I, which -isystem of the same folder overrides.
      "cflags": ["-isystem", "<(node_root_dir)/include/node"],
      "cflags!": ["-O3", "-fno-strict-aliasing", "-Wno-unused-parameter"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-exceptions"],
      "cflags_cc": [
        "-std=c++20",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wshadow",
        "-Wconversion",
        "-fstack-protector-strong",
        "-fvisibility=hidden",
        "-fno-rtti"
      ],
      "conditions": [
        [
          "zonecast_sanitize==1",
          {
            "cflags_cc": ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"],
            "ldflags": ["-fsanitize=address,undefined"]
          },
          { "ldflags": ["-Wl,--gc-sections", "-Wl,-z,relro,-z,now"] }
        ]
      ]
    }
  ]
}
