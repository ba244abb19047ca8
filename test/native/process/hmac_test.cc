// SPDX-License-Identifier: MIT
#include "process/hmac.h"

#include <doctest/doctest.h>

#include <string>

namespace vmbuddies::process {
namespace {

std::string hex(const Digest& digest) {
    std::string text;
    for (const std::byte byte : digest) {
        text += "0123456789abcdef"[std::to_integer<int>(byte) >> 4];
        text += "0123456789abcdef"[std::to_integer<int>(byte) & 15];
    }
    return text;
}

std::string hmac_hex(const std::string& key, const std::string& data) {
    return hex(hmac(bytes_of(key), {bytes_of(data)}));
}

TEST_CASE("SHA-256 gives FIPS 180-4's digests, at every length around a block") {
    const auto sha = [](const std::string& text) { return hex(Sha256().add(bytes_of(text)).finish()); };
    CHECK(sha("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(sha(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    for (std::size_t length = 50; length < 140; ++length) {
        CAPTURE(length);
        const std::string text(length, 'x');
        Sha256 piecemeal;
        for (std::size_t i = 0; i < length; i += 7)
            piecemeal.add(bytes_of(text).subspan(i, std::min<std::size_t>(7, length - i)));
        CHECK(hex(piecemeal.finish()) == sha(text));
    }
}

TEST_CASE("HMAC-SHA-256 gives RFC 4231's codes") {
    CHECK(hmac_hex(std::string(20, '\x0b'), "Hi There") ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hmac_hex("Jefe", "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hmac_hex(std::string(20, '\xaa'), std::string(50, '\xdd')) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    std::string counting;
    for (char c = 1; c <= 25; ++c) counting += c;
    CHECK(hmac_hex(counting, std::string(50, '\xcd')) ==
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    CHECK(hmac_hex(std::string(20, '\x0c'), "Test With Truncation").substr(0, 32) ==
          "a3b6167473100ee06e0c796c2955552b");
    CHECK(hmac_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(
        hmac_hex(
            std::string(131, '\xaa'),
            "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
            "hashed before being used by the HMAC algorithm.") ==
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST_CASE("a code is equal to itself only, and to nothing of another length") {
    const Digest digest = hmac(bytes_of("key"), {bytes_of("one"), bytes_of("two")});
    CHECK(digest == hmac(bytes_of("key"), {bytes_of("onetwo")}));
    CHECK(equal(digest, digest));
    CHECK_FALSE(equal(digest, Bytes(digest).first(31)));
    CHECK_FALSE(equal(digest, {}));
    for (std::size_t i = 0; i < digest.size(); ++i) {
        Digest other = digest;
        other[i] ^= std::byte{1};
        CHECK_FALSE(equal(digest, other));
    }
}

}  // namespace
}  // namespace vmbuddies::process
